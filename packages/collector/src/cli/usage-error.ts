/** The command line is wrong: shown with the help, status 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}
