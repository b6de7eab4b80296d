/** Rows of a page; narrow windows have fewer columns. */
import { SceneCSSGridLayout, SceneFlexItem, SceneFlexLayout, type SceneObject } from '@grafana/scenes'

type Child = SceneObject

const GAPS = { rowGap: 1, columnGap: 1 }

/** Columns that leave no panel alone in the last row, of at most `most`; the gaps need the rest of the width. */
function columnShare(panels: number, most: number): string {
  const columns = Array.from({ length: most - 1 }, (_, index) => most - index).find((count) => panels % count === 0) ?? most
  return `${Math.floor(92 / columns)}%`
}

/** Figures, five side by side at most: their names have to fit. */
export const figureRow = (children: Child[], height = 92) =>
  new SceneCSSGridLayout({
    templateColumns: `repeat(auto-fit, minmax(max(150px, ${columnShare(children.length, 5)}), 1fr))`,
    autoRows: `${height}px`,
    ...GAPS,
    children,
  })

/** Charts, three side by side while there is room. */
export const chartRow = (children: Child[], height = 280) =>
  new SceneCSSGridLayout({
    templateColumns: `repeat(auto-fit, minmax(max(min(300px, 100%), ${columnShare(children.length, 3)}), 1fr))`,
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
