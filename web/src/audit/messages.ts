// The words of this face.
import type { Messages } from '@/shared/i18n'

const messages: Messages = {
  'zh-CN': { audit: { checkpoints: '检查点' } },
  en: { audit: { checkpoints: 'Checkpoints' } },
}

export default messages
