import { expect, test } from 'vitest'
import { watchVisibility } from '../../../src/data/stream/page-visibility.ts'

test('now, and each change; nothing is heard once nobody listens', () => {
  const page = Object.assign(new EventTarget(), { hidden: false })
  const seen: boolean[] = []
  const listener = watchVisibility(page).subscribe((value) => seen.push(value))
  const hide = (hidden: boolean) => {
    page.hidden = hidden
    page.dispatchEvent(new Event('visibilitychange'))
  }
  hide(true)
  hide(false)
  listener.unsubscribe()
  hide(true)
  expect(seen).toEqual([true, false, true])
})
