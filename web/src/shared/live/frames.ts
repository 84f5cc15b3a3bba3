// Server-sent events out of a stream of text, however it is cut into pieces.

export interface Frame {
  id: string | null
  event: string
  data: string | null
}

/** Takes text piece by piece and gives each whole frame. */
export class Frames {
  private rest = ''

  take(text: string): Frame[] {
    // A line may end with CR LF; the LF of one that was cut in between comes with the next piece.
    const held = this.rest + text
    const cut = held.endsWith('\r') ? held.length - 1 : held.length
    this.rest = held.slice(0, cut).replace(/\r\n?/g, '\n')
    const kept = held.slice(cut)
    const whole = this.rest.split('\n\n')
    this.rest = (whole.pop() ?? '') + kept
    return whole.map(frame).filter((one) => one !== null)
  }
}

function frame(text: string): Frame | null {
  let id: string | null = null
  let event = 'message'
  const data: string[] = []
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).replace(/^ /, '')
    if (name === 'id') id = value
    else if (name === 'event') event = value
    else if (name === 'data') data.push(value)
  }
  if (id === null && data.length === 0) return null
  return { id, event, data: data.length > 0 ? data.join('\n') : null }
}
