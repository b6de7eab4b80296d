/**
 * Two AMD modules, as Grafana loads plugins: the app and the data source nested in it. What Grafana itself offers stays
 * outside, React's JSX runtime as well, so that one bundle runs on React 18 (Grafana 12) and 19 (Grafana 13).
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import CopyWebpackPlugin from 'copy-webpack-plugin'

const folder = dirname(fileURLToPath(import.meta.url))
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const { id } = JSON.parse(readFileSync(join(folder, 'src/plugin.json'), 'utf8'))

/** The modules that Grafana gives to plugins. */
const externals = [
  { 'amd-module': 'module' },
  'lodash',
  'jquery',
  'moment',
  'slate',
  'emotion',
  '@emotion/react',
  '@emotion/css',
  'prismjs',
  'slate-plain-serializer',
  '@grafana/slate-react',
  'react',
  'react/jsx-runtime',
  'react/jsx-dev-runtime',
  'react-dom',
  'react-redux',
  'redux',
  'rxjs',
  'i18next',
  'react-router',
  'd3',
  /^@grafana\/ui/i,
  /^@grafana\/runtime/i,
  /^@grafana\/data/i,
]

const fillPlaceholders = (content) =>
  content
    .toString()
    .replaceAll('%VERSION%', version)
    .replaceAll('%TODAY%', new Date().toISOString().slice(0, 10))
    .replaceAll('%PLUGIN_ID%', id)

const common = (development) => ({
  mode: development ? 'development' : 'production',
  devtool: 'source-map',
  context: join(folder, 'src'),
  externals,
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        exclude: /node_modules/,
        use: {
          loader: 'swc-loader',
          options: {
            jsc: {
              target: 'es2020',
              parser: { syntax: 'typescript', tsx: true, dynamicImport: true },
              transform: { react: { runtime: 'automatic' } },
            },
          },
        },
      },
      { test: /\.css$/, use: ['style-loader', 'css-loader'] },
      { test: /\.(png|svg|woff2?|ttf)$/, type: 'asset/resource' },
    ],
  },
  resolve: { extensions: ['.js', '.jsx', '.ts', '.tsx'] },
  output: {
    path: join(folder, 'dist'),
    filename: '[name].js',
    library: { type: 'amd' },
  },
  performance: { hints: false },
  // Scenes import the default options of table panels, which this version of @grafana/schema does not have; no page builds panels with them.
  ignoreWarnings: [/export 'defaultOptions'.*TablePanelCfg_types/],
})

const app = (shared) => ({
  ...shared,
  name: 'app',
  entry: { module: ['./public-path.ts', './module.tsx'] },
  output: {
    ...shared.output,
    clean: true,
    chunkFilename: '[name].js?_cache=[contenthash]',
    publicPath: `public/plugins/${id}/`,
    uniqueName: id,
    crossOriginLoading: 'anonymous',
  },
  plugins: [
    new CopyWebpackPlugin({
      patterns: [
        { from: '**/plugin.json', transform: fillPlaceholders },
        { from: 'img', to: 'img' },
        { from: 'locales', to: 'locales' },
        { from: '../../../provisioning/grafana/dashboards/*.json', to: 'dashboards/[name][ext]' },
        { from: 'datasource/img', to: 'datasource/img' },
        { from: 'datasource/locales', to: 'datasource/locales' },
        { from: '../README.md', to: '.', transform: fillPlaceholders },
        { from: '../LICENSE', to: '[name]', toType: 'template' },
        { from: '../../../CHANGELOG.md', to: '.', noErrorOnMissing: true },
      ],
    }),
  ],
})

/**
 * One file, without chunks: Grafana serves a nested plugin from its own folder, where chunks would not be found. Built by itself: with the app it
 * would take the modules of the app's chunks for its own, which have the same ids and other names of exports.
 */
const dataSource = (shared) => ({
  ...shared,
  name: 'data source',
  dependencies: ['app'],
  entry: { 'datasource/module': './datasource/module.ts' },
  module: { ...shared.module, parser: { javascript: { dynamicImportMode: 'eager' } } },
})

export default ({ development } = {}) => [app(common(development)), dataSource(common(development))]
