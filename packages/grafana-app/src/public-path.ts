/** Chunks lie beside module.js, wherever Grafana serves it from; the AMD loader knows its address. */
import module from 'amd-module'

declare let __webpack_public_path__: string

const uri = module?.uri
if (uri) __webpack_public_path__ = uri.slice(0, uri.lastIndexOf('/') + 1)
