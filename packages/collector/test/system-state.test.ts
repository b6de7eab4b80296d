import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { createSystemMeter } from '../src/system/read-system-state.ts'

it('tells how full the disk is as df does', async () => {
  const meter = createSystemMeter()
  const { disk } = await meter.read({ status: 'off', last_slot: null })
  meter.close()
  const [, row = ''] = execFileSync('df', ['-Pk', '.'], { encoding: 'utf8' }).split('\n')
  const share = Number(/(\d+)%/.exec(row)?.[1]) / 100
  if (!disk) throw new Error('the disk was not read')
  // df rounds up.
  expect(Math.abs(1 - disk.free_bytes / disk.total_bytes - share)).toBeLessThan(0.015)
})
