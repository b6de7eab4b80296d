/** The stages from roll-up to Redis, without capture, and what arrived. */
import { CODE, countTornWriters as _, openReader, type StoreReader } from '@aiwatch/store'
import { Redis } from 'ioredis'
