const NAMES = [
  ...['ada', 'alan', 'amara', 'anton', 'aya', 'bela', 'bo', 'carla', 'chen', 'dana', 'diego', 'edith', 'elif', 'emil', 'fatou', 'finn'],
  ...['grace', 'hana', 'hugo', 'ida', 'ines', 'ivan', 'jonas', 'june', 'kai', 'katya', 'lars', 'leila', 'lin', 'luca', 'mara', 'miro'],
  ...['nadia', 'niko', 'noor', 'olga', 'omar', 'paula', 'pia', 'quinn', 'rafa', 'ravi', 'rosa', 'sami', 'sofia', 'tariq', 'tess', 'uma'],
  ...['vera', 'viktor', 'wanda', 'wei', 'xenia', 'yara', 'yusuf', 'zoe'],
]

/** A name for the user of a rank: `ada`, …, then `ada-2`, …. */
export function userName(rank: number): string {
  const round = Math.floor(rank / NAMES.length)
  return `${NAMES[rank % NAMES.length]}${round === 0 ? '' : `-${round + 1}`}`
}
