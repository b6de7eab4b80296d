/** The store keeps money as whole nano-dollars; answers are in US dollars. */
import type { Sums } from '@aiwatch/store'

export const NANO_USD_PER_USD = 1e9

export const toUsd = (nanoUsd: number) => nanoUsd / NANO_USD_PER_USD

/** US dollars of one code of sums in nano-dollars; 0 when there is none. */
export const usdOf = (sums: Sums, code: number) => toUsd(sums.get(code) ?? 0)
