/** Lists and forms of elements, tasks and flows. They work without this script; it saves steps. */
import './forms.css'
import '../lib/picture.css'

import { askBeforeSending, sayWhatIsRefused } from './confirm'
import { addRowsWhenAsked, goToTheFirstProblem, goToTheNewName, showWhatTheChoiceNeeds } from './fields'
import { askBeforeLeaving } from './leaving'
import { applyFiltersWhenChosen, checkRowsTogether } from './lists'
import { markUnsaved, saveByKey } from './saving'

applyFiltersWhenChosen()
checkRowsTogether()
addRowsWhenAsked()
showWhatTheChoiceNeeds()
askBeforeSending()
sayWhatIsRefused()
askBeforeLeaving()
markUnsaved()
saveByKey()
goToTheFirstProblem()
goToTheNewName()
