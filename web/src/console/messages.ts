// The words of this face.
import type { Messages } from '@/shared/i18n'

const messages: Messages = { 'zh-CN': {}, en: {} }

export default messages
