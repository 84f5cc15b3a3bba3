// The pages behind the first screen, in one part: they are fetched once that is shown, and kept offline with it.
export { default as CasePage } from './CasePage.vue'
export { default as InboxPage } from './InboxPage.vue'
export { default as OutboxPage } from './OutboxPage.vue'
export { default as ReportPage } from './ReportPage.vue'
export { default as SettingsPage } from './SettingsPage.vue'
export { default as TaskPage } from './TaskPage.vue'
