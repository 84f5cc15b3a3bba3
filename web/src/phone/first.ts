// What the phone's first screen shows is asked for before its scripts are there: a slow line carries both at once.
import { begin } from '@/shared/begin'
import { askEarly } from '@/shared/early'
import { kept } from '@/shared/kept'
import { caseQuestions, questions } from './questions'

const me = begin()
// Whom the phone knows is shown what he saw last, at once.
if (location.pathname === '/m/' && kept('who') === null) me.then(goOn).catch(() => undefined)

/** Nothing is asked for whom the service doesn't know: who signs in then is not to find the answer. */
async function goOn(answer: Response): Promise<void> {
  if (!answer.ok) return
  const { role, member } = (await answer.clone().json()) as { role: string; member: string | null }
  if (role !== 'worker') return
  const after = Number(answer.headers.get('dispatch-position'))
  for (const question of questions(member, after)) ask('tasks', question)
  void askEarly('/api/v1/grids')
  for (const question of caseQuestions(member, after)) ask('cases', question)
}

function ask(what: string, question: object): void {
  const said = Object.entries(question).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  void askEarly(`/api/v1/${what}?${said.join('&')}`)
}
