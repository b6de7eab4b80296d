/** A button in the controls of a page, and the drawer with what its figures mean. */
import { type SceneComponentProps, SceneObjectBase, type SceneObjectState, sceneGraph } from '@grafana/scenes'
import { Drawer, Stack, Text, TextLink, ToolbarButton } from '@grafana/ui'
import { t } from '../../t.ts'
import { DATA_SOURCE } from '../ask.ts'
import { describeTerms, type Term } from './terms.ts'

interface HelpButtonState extends SceneObjectState {
  terms: readonly Term[]
  isOpen: boolean
}

function HelpDrawer({ terms, docsUrl, onClose }: { terms: readonly Term[]; docsUrl: string; onClose(): void }) {
  const definitions = describeTerms()
  return (
    <Drawer title={t('help.title', 'What the figures mean')} size="sm" onClose={onClose}>
      <Stack direction="column" gap={2}>
        {terms.map((term) => (
          <section key={term}>
            <Text element="h3" variant="h5">
              {definitions[term].name}
            </Text>
            <Text element="p">{definitions[term].text}</Text>
          </section>
        ))}
        <TextLink href={docsUrl} external>
          {t('help.docs', 'The API that gives these figures')}
        </TextLink>
      </Stack>
    </Drawer>
  )
}

export class HelpButton extends SceneObjectBase<HelpButtonState> {
  static Component = ({ model }: SceneComponentProps<HelpButton>) => {
    const { isOpen, terms } = model.useState()
    const uid = sceneGraph.interpolate(model, DATA_SOURCE.uid)
    return (
      <>
        <ToolbarButton
          icon="question-circle"
          variant="canvas"
          aria-label={t('help.button', 'What the figures mean')}
          tooltip={t('help.button', 'What the figures mean')}
          onClick={() => model.setState({ isOpen: true })}
        />
        {isOpen && (
          <HelpDrawer
            terms={terms}
            docsUrl={`/api/datasources/proxy/uid/${encodeURIComponent(uid)}/api/docs`}
            onClose={() => model.setState({ isOpen: false })}
          />
        )}
      </>
    )
  }

  constructor(terms: readonly Term[]) {
    super({ terms, isOpen: false })
  }
}
