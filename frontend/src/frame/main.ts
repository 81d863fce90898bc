/** What every page has: the look, the theme, the menu of keys, times in the viewer's zone. */
import '@tabler/core/dist/css/tabler.css'
import '@tabler/core/dist/js/tabler.esm.js'
import './frame.css'

import { localiseTimes } from '../lib/times'
import { listenForKeys } from './keys'
import { startTheme } from './theme'

startTheme()
listenForKeys()
localiseTimes(document)
