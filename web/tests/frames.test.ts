import { describe, expect, it } from 'vitest'
import { Frames } from '@/shared/live/frames'

const TEXT = 'retry: 2000\nid: 4\n\nid: 5\nevent: task.closed\ndata: {"a":1}\n\n: \n\nid: 6\ndata: x\ndata: y\n\n'
const WHOLE = [
  { id: '4', event: 'message', data: null },
  { id: '5', event: 'task.closed', data: '{"a":1}' },
  { id: '6', event: 'message', data: 'x\ny' },
]

describe('frames', () => {
  it('come out the same wherever the text is cut', () => {
    for (let first = 0; first <= TEXT.length; first += 1) {
      for (let second = first; second <= TEXT.length; second += 7) {
        const frames = new Frames()
        const pieces = [TEXT.slice(0, first), TEXT.slice(first, second), TEXT.slice(second)]
        expect(pieces.flatMap((piece) => frames.take(piece))).toEqual(WHOLE)
      }
    }
  })

  it('end their lines as the sender likes, though a piece ends between the two', () => {
    const frames = new Frames()
    const pieces = ['id: 1\r', '\ndata: a\r\n\r', '\nid: 2\r\rdata: b\n\n']
    expect(pieces.flatMap((piece) => frames.take(piece)).map(({ data }) => data)).toEqual(['a', null, 'b'])
  })
})
