// Light or dark: as the person chose, or else as the device is set.
import { ref, watchEffect } from 'vue'
import { kept, keep } from '@/shared/kept'

export type Theme = 'light' | 'dark'
const dark = matchMedia('(prefers-color-scheme: dark)')
const chosen = ref<Theme | null>(kept<Theme>('theme'))
const device = ref<Theme>(dark.matches ? 'dark' : 'light')
dark.addEventListener('change', (event) => (device.value = event.matches ? 'dark' : 'light'))

/** The theme that is shown. */
export const theme = ref<Theme>('light')

watchEffect(() => {
  theme.value = chosen.value ?? device.value
  document.documentElement.classList.toggle('dark', theme.value === 'dark')
})

// Paper is light, whatever the screen is.
addEventListener('beforeprint', () => document.documentElement.classList.remove('dark'))
addEventListener('afterprint', () => document.documentElement.classList.toggle('dark', theme.value === 'dark'))

/** Change over to the other theme, for good. */
export function switchTheme(): void {
  chosen.value = theme.value === 'dark' ? 'light' : 'dark'
  keep('theme', chosen.value)
}
