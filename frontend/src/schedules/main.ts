/** The list of schedules: a calendar of the next seven days above it. */
import '../forms/forms.css'
import './schedules.css'

import { applyFiltersWhenChosen } from '../forms/lists'
import { need, pageData } from '../lib/dom'
import { drawWeek } from './view'
import type { Calendar } from './week'

applyFiltersWhenChosen()
if (document.querySelector('#week') !== null) {
  need('#week', HTMLDivElement).replaceChildren(...drawWeek(pageData<Calendar>(), new Date()))
}
