import { VizPanel, type VizPanelState } from '@grafana/scenes'
import { panelMenu } from './menu/panel-menu.ts'

/** A panel with the menu that all panels of pages have. */
export const makePanel = (state: Partial<VizPanelState>): VizPanel => new VizPanel({ ...state, menu: panelMenu() })
