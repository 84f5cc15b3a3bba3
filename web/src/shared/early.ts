// Questions that are on their way before the scripts that need their answers are there.

const asked = new Map<string, Promise<Response>>()

/** Ask the service at once; the answer waits for the first who asks the same by `takeEarly`. */
export function askEarly(address: string): Promise<Response> {
  const answer = fetch(address, { credentials: 'same-origin' }).then(whole)
  // Who takes it hears that it failed.
  answer.catch(() => undefined)
  asked.set(address, answer)
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
