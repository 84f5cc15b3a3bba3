import { mountFace } from '@/shared/app'
import messages from './messages'
import PhonePage from './PhonePage.vue'
import '@/shared/theme/phone.css'

mountFace({ name: 'phone', root: PhonePage, messages })
