/** Rows of a page; narrow windows have fewer columns. */
import { SceneCSSGridLayout, SceneFlexItem, SceneFlexLayout, type SceneObject } from '@grafana/scenes'

type Child = SceneObject

/** A row of figures. */
export const figureRow = (children: Child[]) =>
  new SceneCSSGridLayout({ templateColumns: 'repeat(auto-fit, minmax(150px, 1fr))', autoRows: '112px', rowGap: 1, columnGap: 1, children })

/** Charts side by side while there is room. */
export const chartRow = (children: Child[], height = 280) =>
  new SceneCSSGridLayout({
    templateColumns: 'repeat(auto-fit, minmax(min(300px, 100%), 1fr))',
    autoRows: `${height}px`,
    rowGap: 1,
    columnGap: 1,
    isLazy: true,
    children,
  })

/** Tables take the whole width. */
export const wideRow = (child: Child, height = 420) =>
  new SceneCSSGridLayout({ templateColumns: '1fr', autoRows: `${height}px`, rowGap: 1, columnGap: 1, isLazy: true, children: [child] })

export const pageBody = (rows: Child[]) =>
  new SceneFlexLayout({ direction: 'column', children: rows.map((body) => new SceneFlexItem({ ySizing: 'content', body })) })
