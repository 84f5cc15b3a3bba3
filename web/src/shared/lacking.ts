// What a field of a form lacks, said in the page's language: the browser would say it in its own.
import { say } from '@/shared/i18n'

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

function lacking(field: Field): string {
  const { valueMissing, rangeUnderflow, rangeOverflow } = field.validity
  if (valueMissing) return say(field instanceof HTMLSelectElement ? 'lacking.choice' : 'lacking.value')
  const { min, max } = field as HTMLInputElement
  if (rangeUnderflow) return say('lacking.less', { min: min.replace('T', ' ') })
  if (rangeOverflow) return say('lacking.more', { max: max.replace('T', ' ') })
  // What a field is to look like stands in its title.
  return field.validity.patternMismatch && field.title ? field.title : say('lacking.other')
}

/** Say it for every form of the page, also of dialogs still to come. */
export function sayWhatIsLacking(): void {
  document.addEventListener(
    'invalid',
    (event) => {
      const field = event.target as Field
      if (!field.validity.customError) field.setCustomValidity(lacking(field))
    },
    true,
  )
  // What was said counts as wrong until it is taken back: as soon as something is typed, and before it is looked at anew.
  const forgiven = (event: Event): void => {
    const target = event.target as Element
    const button = target.closest('button')
    for (const field of button ? (button.form?.elements ?? []) : [target]) if ('setCustomValidity' in field) (field as Field).setCustomValidity('')
  }
  document.addEventListener('input', forgiven, true)
  document.addEventListener('change', forgiven, true)
  document.addEventListener('click', forgiven, true)
}
