"""A fleet on this machine whose steps say what they do, for runs that really run."""

import pytest

from flows.documents.files import check_files
from flows.documents.reading import Source
from flows.documents.secrets import local_secrets
from flows.documents.stored import stored_world
from flows.operations.apply import write_documents
from flowsite.kernel.access import SYSTEM

LOCAL_FLEET = """\
kind: Profile
name: here
connection: {type: local}
---
kind: Element
name: e1
profile: here
---
kind: Element
name: e2
profile: here
---
kind: Task
name: Say
command: echo {{ element.name | quote }} says {{ inputs.words | quote }}
inputs: [{name: words, default: hello}]
---
kind: Task
name: Break
command: echo broken >&2; exit 3
---
kind: Flow
name: Talk
mode: parallel
target: {profile: here}
inputs: [{name: words, type: string, required: true}, {name: times, type: integer, default: 1}]
execution_script: |
  run_task('Say', words=inputs['words'])
  log('said it')
---
kind: Flow
name: Fail
mode: serial
target: {profile: here}
execution_script: run_task('Break')
---
kind: Flow
name: Half
mode: parallel
error_threshold: '100%'
target: {profile: here}
execution_script: |
  if current == first:
      run_task('Break')
---
kind: Flow
name: Wait
mode: parallel
target: {profile: here}
execution_script: sleep(600)
---
kind: Task
name: Hold
command: echo begun; sleep 60
---
kind: Flow
name: Work
mode: parallel
target: {profile: here}
execution_script: run_task('Hold')
---
kind: Flow
name: Parent
mode: serial
target: {profile: here}
execution_script: run_flow('Talk', words='from above')
---
kind: Flow
name: No target
mode: serial
execution_script: log('x')
"""


@pytest.fixture
def local_fleet(transactional_db: None) -> None:
    """Stored for threads and processes to see."""
    checked = check_files([Source("fleet.yaml", LOCAL_FLEET)], stored_world(), local_secrets)
    assert checked.problems == []
    write_documents(documents=[(document.kind, document.values) for document in checked.documents], by=SYSTEM)
