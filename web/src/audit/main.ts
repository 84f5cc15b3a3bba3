import { mountFace } from '@/shared/app'
import messages from './messages'
import AuditPage from './AuditPage.vue'
import '@/shared/theme/desk.css'

mountFace({ name: 'audit', root: AuditPage, messages })
