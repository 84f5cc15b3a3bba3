// What the browser's tab and history call a page: which of a face's pages it is, and then the face.
import { onScopeDispose, ref, watchEffect } from 'vue'

/** Which page it is, in words; empty where a face is one page. */
export const pageTitle = ref('')

/** Say which page is shown, as long as the component lives. */
export function usePageTitle(title: () => string): void {
  watchEffect(() => (pageTitle.value = title()))
  onScopeDispose(() => (pageTitle.value = ''))
}
