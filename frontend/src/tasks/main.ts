/** The form of a task: its template as an editor, what one element gets of it, and a try. It works without this script. */
import '../lib/code.css'
import '../lib/undeclared.css'
import './tasks.css'

import { may, need, pageData } from '../lib/dom'
import { Declaring } from './declaring'
import { templateProblems, EMPTY } from './preview'
import { startPreview, type Sample } from './preview_view'
import { offersAt, type Filter } from './template_completion'
import { TemplateEditor } from './template_editor'
import { TryView } from './trying_view'

interface Data extends Sample {
  readonly filters: readonly Filter[]
}

const data = pageData<Data>()
const form = need('form[data-task-form]', HTMLFormElement)
const section = need('[data-preview]', HTMLElement)

let shown = EMPTY
const field = need('[name=command]', HTMLTextAreaElement, form)
const editor = new TemplateEditor(field, (place) => offersAt(place, shown.names, shown.declared, shown.given, data.filters))
const trial = may('flow.run') && may('task.publish') ? new TryView(form, section, data.task) : null
const declaring = may('task.publish') ? new Declaring(form, need('[data-undeclared]', HTMLElement, form)) : null

startPreview(form, section, data, (preview) => {
  shown = preview
  editor.mark(templateProblems(preview))
  trial?.follow(preview)
  declaring?.draw(preview)
})
