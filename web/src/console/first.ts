// A queue's list is asked for before the desk's scripts are there.
import { begin } from '@/shared/begin'
import { askEarly, comeEarly } from '@/shared/early'
import { PAGE, queueOf } from './queues'

const [, kind, name = ''] = /^\/ui\/console\/(task|case)s(?:\/([a-z-]+))?$/.exec(location.pathname) ?? []
/** What is open beside the list, and the language, narrow it down to nothing. */
const whole = [...new URLSearchParams(location.search).keys()].every((name) => name === 'item' || name === 'lang')
comeEarly(
  begin().then(async (reader) => {
    if ((kind !== 'task' && kind !== 'case') || !whole || reader?.role !== 'operator') return
    const { filter, sort } = queueOf(kind, name)
    await askEarly(`/api/v1/${kind}s`, { after: reader.after, ...filter, sort, limit: PAGE })
  }),
)
