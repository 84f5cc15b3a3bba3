import '@/shared/first'
import { mountFace } from '@/shared/app'
import AccountsPage from './AccountsPage.vue'
import AdminPage from './AdminPage.vue'
import DeliveriesPage from './DeliveriesPage.vue'
import messages from './messages'
import PeoplePage from './PeoplePage.vue'
import PolicyPage from './PolicyPage.vue'
import TownPage from './TownPage.vue'

mountFace({
  name: 'admin',
  root: AdminPage,
  messages,
  routes: [
    { path: '/', name: 'town', component: TownPage },
    { path: '/people', name: 'people', component: PeoplePage },
    { path: '/policy', name: 'policy', component: PolicyPage },
    { path: '/accounts', name: 'accounts', component: AccountsPage },
    { path: '/deliveries', name: 'deliveries', component: DeliveriesPage },
    { path: '/:rest(.*)*', redirect: { name: 'town' } },
  ],
})
