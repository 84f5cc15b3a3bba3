// Photos as the phone keeps and sends them: no larger than needed, without what the camera notes about the place.

/** The longer edge of a photo, in pixels. */
export const LONGEST_EDGE = 1600
const QUALITY = 0.82
/** How many photos a report may have. */
export const MOST = 6

/** The size of a photo that is scaled down, never up. */
export function scaled(width: number, height: number): { width: number; height: number } {
  const factor = Math.min(1, LONGEST_EDGE / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) }
}

/** Scale a picture from the camera or the album; rejects if it is none. Drawing it anew leaves its EXIF behind. */
export async function asPhoto(file: Blob): Promise<Blob> {
  const address = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const { width, height } = scaled(image.naturalWidth, image.naturalHeight)
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width, height })
    const pen = canvas.getContext('2d')
    if (pen === null) throw new Error('no canvas')
    pen.drawImage(image, 0, 0, width, height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
    if (blob === null) throw new Error('not drawn')
    return blob
  } finally {
    URL.revokeObjectURL(address)
  }
}
