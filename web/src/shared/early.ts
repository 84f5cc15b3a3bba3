// Questions that are on their way before the scripts that need their answers are there.

const asked = new Map<string, Promise<Response>>()

/** Ask the service at once; the answer waits for the first who asks the same by `takeEarly`. */
export function askEarly(path: string, query: Record<string, unknown> = {}): Promise<Response> {
  const said = Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => `${name}=${encodeURIComponent(String(value))}`))
  const address = said.length > 0 ? `${path}?${said.join('&')}` : path
  const answer = fetch(address, { credentials: 'same-origin' }).then(whole)
  asked.set(address, answer)
  // Whoever has taken it by then hears of it; whoever comes later, as after signing in, asks anew.
  const drop = (): unknown => asked.get(address) === answer && asked.delete(address)
  answer.then(({ ok }) => ok || drop(), drop)
  return answer
}

let beginning: Promise<unknown> = Promise.resolve()

/** A face's first script says until when its first answers come: drawn with them, the page is drawn once. */
export function comeEarly(answers: Promise<unknown>): void {
  beginning = answers.catch(() => undefined)
}

/** ms that a page waits for its first answers once it is known for whom; then it shows what it has. */
const PATIENCE = 300

/** Wait for them, and for what else there must be, for a moment. */
export function earlyAnswers(also: Promise<unknown>): Promise<unknown> {
  return Promise.race([Promise.allSettled([beginning, also]), new Promise((over) => setTimeout(over, PATIENCE))])
}

/** Take the answer to a question that was asked early, once; null: it wasn't. */
export function takeEarly(address: string): Promise<Response> | null {
  const answer = asked.get(address) ?? null
  asked.delete(address)
  return answer
}

/**
 * With its body, which can be read any number of times and is there at once: what takes it is drawn with it, and no half of the
 * page before it.
 */
async function whole(answer: Response): Promise<Response> {
  const { status, statusText, headers } = answer
  const body = await answer.text()
  const text = (): Promise<string> => Promise.resolve(body)
  const json = async (): Promise<unknown> => JSON.parse(body)
  return Object.assign(new Response(null, { status, statusText, headers }), { text, json })
}
