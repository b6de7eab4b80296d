/** The ids of both plugin.json files, and what follows from them. */
export const APP_ID = 'aiwatch-analytics-app'
export const DATA_SOURCE_TYPE = 'aiwatch-analytics-datasource'
/** Of the data source that the Configuration page makes; one that is provisioned may have another. */
export const DATA_SOURCE_UID = 'aiwatch'
export const APP_PATH = `/a/${APP_ID}`
export const CONFIGURATION_PATH = `/plugins/${APP_ID}?page=configuration`
