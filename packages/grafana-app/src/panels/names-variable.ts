/** A filter by names that the collector has seen. */
import { QueryVariable, type VariableValueOption } from '@grafana/scenes'
import { type Observable, of, type Subscription } from 'rxjs'

/**
 * What it filters by does not depend on the list of names, only what there is to choose does: the panels of a page ask at once, with the value of
 * the address, while the list is fetched. A name that the list does not have stays: a link to a model of last month must not show all models.
 */
export class NamesVariable extends QueryVariable {
  private fetching: Subscription | undefined

  override validateAndUpdate(): Observable<object> {
    this.fetching?.unsubscribe()
    this.fetching = this.getValueOptions({}).subscribe({
      next: (options: VariableValueOption[]) => this.setState({ options, error: null }),
      error: (error: unknown) => this.setState({ error: error instanceof Error ? error.message : String(error) }),
    })
    // Panels wait for a variable that says it loads.
    this.setState({ loading: false })
    return of({})
  }

  override onCancel(): void {
    this.fetching?.unsubscribe()
    super.onCancel()
  }
}
