import { tenantKeys } from '@aiwatch/store'
import { TIMESERIES_KINDS } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { openTestStore } from '../read/open-store.ts'
import { describeSeriesProperties } from './series-properties.ts'
import { describeSeriesStore } from './series-store-contract.ts'

describeOnEachRedis('the module backend', TIMESERIES_KINDS, (kind) => {
  describeSeriesStore({
    name: 'hashes and time series',
    open: () => openTestStore(kind),
    secondsLeft: ({ redis }, { tenant, tier, start }) => redis.ttl(tenantKeys(tenant).series(tier, start)),
  })
  describeSeriesProperties(() => openTestStore(kind), 25)
})
