// The words of this face.
import type { Messages } from '@/shared/i18n'

const messages: Messages = {
  'zh-CN': { phone: { tasks: '我的任务' } },
  en: { phone: { tasks: 'My tasks' } },
}

export default messages
