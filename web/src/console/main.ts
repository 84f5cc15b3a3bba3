import { mountFace } from '@/shared/app'
import messages from './messages'
import ConsolePage from './ConsolePage.vue'
import '@/shared/theme/desk.css'

mountFace({ name: 'console', root: ConsolePage, messages })
