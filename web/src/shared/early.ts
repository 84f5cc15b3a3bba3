// Questions that are on their way before the scripts that need their answers are there.

const asked = new Map<string, Promise<Response>>()

/** Ask the service at once; a copy of the answer waits for the first who asks the same by `takeEarly`. */
export function askEarly(path: string, query: Record<string, unknown> = {}): Promise<Response> {
  const said = Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => `${name}=${encodeURIComponent(String(value))}`))
  const address = said.length > 0 ? `${path}?${said.join('&')}` : path
  const answer = fetch(address, { credentials: 'same-origin' }).then(whole)
  const copy = answer.then((one) => one.clone())
  asked.set(address, copy)
  // Whoever has taken it by then hears of it; whoever comes later, as after signing in, asks anew.
  const drop = (): unknown => asked.get(address) === copy && asked.delete(address)
  copy.then(({ ok }) => ok || drop(), drop)
  return answer
}

/** Take the answer to a question that was asked early, once; null: it wasn't. */
export function takeEarly(address: string): Promise<Response> | null {
  const answer = asked.get(address) ?? null
  asked.delete(address)
  return answer
}

/** With its body: what takes it is drawn at once, and no half of the page before it. */
async function whole(answer: Response): Promise<Response> {
  const { status, statusText, headers } = answer
  const body = await answer.text()
  return new Response(body === '' ? null : body, { status, statusText, headers })
}
