/** Rows of a page; narrow windows have fewer columns. */
import { SceneCSSGridLayout, SceneFlexItem, SceneFlexLayout, type SceneObject } from '@grafana/scenes'

type Child = SceneObject

const GAPS = { rowGap: 1, columnGap: 1 }

/** Figures, five side by side at most: their names have to fit. */
export const figureRow = (children: Child[], height = 92) =>
  new SceneCSSGridLayout({ templateColumns: 'repeat(auto-fit, minmax(max(150px, 18%), 1fr))', autoRows: `${height}px`, ...GAPS, children })

/** Charts side by side while there is room. */
export const chartRow = (children: Child[], height = 280) =>
  new SceneCSSGridLayout({
    templateColumns: 'repeat(auto-fit, minmax(min(300px, 100%), 1fr))',
    autoRows: `${height}px`,
    ...GAPS,
    isLazy: true,
    children,
  })

/** Tables take the whole width. */
export const wideRow = (child: Child, height = 420) =>
  new SceneCSSGridLayout({ templateColumns: 'minmax(0, 1fr)', autoRows: `${height}px`, ...GAPS, isLazy: true, children: [child] })

export const pageBody = (rows: Child[]) =>
  new SceneFlexLayout({ direction: 'column', children: rows.map((body) => new SceneFlexItem({ ySizing: 'content', body })) })
