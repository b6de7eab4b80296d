/** Links that tables of several pages have in common. */
import { t } from '../t.ts'
import { CELL, linkToFiltered, linkToNamed } from './links.ts'

export const modelLink = () => linkToNamed('models', t('links.model', 'This model'))
export const userLink = () => linkToNamed('users', t('links.user', 'This user'))
/** Of a cell with the id of a session. */
export const sessionLink = () => linkToFiltered('calls', t('links.session', 'Calls of this session'), { session: CELL })
/** Of a cell with the name of an app. */
export const appLink = () => linkToFiltered('models', t('links.app', 'Models of this app'), { app: CELL })
