// Light or dark: as the person chose, or else as the device is set.
import { ref, watchEffect } from 'vue'
import { keep } from '@/shared/kept'
import { chosenTheme, darkDevice, showTheme, type Theme } from '@/shared/look'

const chosen = ref<Theme | null>(chosenTheme())
const device = ref<Theme>(darkDevice.matches ? 'dark' : 'light')
darkDevice.addEventListener('change', (event) => (device.value = event.matches ? 'dark' : 'light'))

/** The theme that is shown. */
export const theme = ref<Theme>('light')

watchEffect(() => {
  theme.value = chosen.value ?? device.value
  showTheme(theme.value)
})

// Paper is light, whatever the screen is.
addEventListener('beforeprint', () => showTheme('light'))
addEventListener('afterprint', () => showTheme(theme.value))

/** Change over to the other theme, for good. */
export function switchTheme(): void {
  chosen.value = theme.value === 'dark' ? 'light' : 'dark'
  keep('theme', chosen.value)
}
