/** What @grafana/ui and scenes look for in a browser when they are imported; jsdom has none of it. */
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return []
  }
}

if (typeof window !== 'undefined') {
  Object.assign(window, { ResizeObserver: Observer, IntersectionObserver: Observer })
  window.matchMedia = (query) =>
    ({ matches: false, media: query, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {} }) as never
  HTMLCanvasElement.prototype.getContext = () => null
}
