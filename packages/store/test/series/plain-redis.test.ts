import { tenantKeys } from '@aiwatch/store'
import { describeSeriesStore } from './series-store-contract.ts'

describeSeriesStore({
  name: 'plain Redis',
  secondsLeft: ({ redis }, { tenant, tier, start }) => redis.ttl(tenantKeys(tenant).series(tier, start)),
})
