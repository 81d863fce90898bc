"""``run_control``: asks something of a run that is not over."""

from typing import Any, NoReturn

from django.core.management.base import CommandParser

from flows.management.console import FAILED, USAGE, ConsoleCommand
from flows.operations.runs import answer_question, cancel_run, open_questions, pause_run, resume_run
from flowsite.kernel.access import SYSTEM

ASKS = {"pause": pause_run, "resume": resume_run, "cancel": cancel_run}
DECISIONS = ("approve", "reject")
ANSWERS = ("retry", "succeeded", "failed")
VERBS = (*ASKS, *DECISIONS, "answer")
LATER_VERBS = ("drain", "continue", "rerun", "exclude", "skip")
LATER_OPTIONS = ("element", "definitions")


class Command(ConsoleCommand):
    """Controls a run."""

    help = "Pause, resume or cancel a run, approve or reject what it asks, or say what became of an interrupted step."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int, metavar="RUN", help="the run's number")
        parser.add_argument("verb", choices=[*VERBS, *LATER_VERBS], metavar="VERB", help="|".join(VERBS))
        parser.add_argument("--question", type=int, metavar="N", help="which question; the only one by default")
        parser.add_argument("--answer", choices=ANSWERS, help="what follows for the interrupted step")
        parser.add_argument("--comment", default="", metavar="C", help="why")
        for option in LATER_OPTIONS:
            parser.add_argument(f"--{option}", help="not available in this release")

    def act(self, options: dict[str, Any]) -> None:
        run, verb = options["run"], options["verb"]
        later = [verb] if verb in LATER_VERBS else [f"--{name}" for name in LATER_OPTIONS if options[name] is not None]
        if later:
            self.refuse([f"{later[0]} is not available in this release"], FAILED)
        if verb in DECISIONS:
            self._decide(run, verb, options)
        elif verb == "answer":
            self._answer(run, options)
        elif options["comment"] or options["answer"] or options["question"] is not None:
            self.refuse(
                [f"--question, --answer and --comment go with approve, reject and answer, not with {verb}"], USAGE
            )
        else:
            ASKS[verb](run=run, by=SYSTEM)
            self.stdout.write(f"run {run}: asked to {verb}")

    def _decide(self, run: int, verb: str, options: dict[str, Any]) -> None:
        if options["answer"] is not None:
            self.refuse([f"--answer goes with answer, not with {verb}"], USAGE)
        question = options["question"] if options["question"] is not None else self._only_question(run)
        answer_question(run=run, question=question, answer=verb, comment=options["comment"], by=SYSTEM)
        self.stdout.write(f"run {run}: question {question} answered with {verb}")

    def _answer(self, run: int, options: dict[str, Any]) -> None:
        if options["answer"] is None:
            self.refuse([f"answer needs --answer {'/'.join(ANSWERS)}"], USAGE)
        question = options["question"] if options["question"] is not None else self._only_question(run)
        answer_question(run=run, question=question, answer=options["answer"], comment=options["comment"], by=SYSTEM)
        self.stdout.write(f"run {run}: question {question} answered with {options['answer']}")

    def _only_question(self, run: int) -> int:
        questions: dict[int, dict[str, Any]] = open_questions(run)
        if len(questions) > 1:
            self._list(run, questions)
        return next(iter(questions), 1)  # with no question, the operation refuses in its words

    def _list(self, run: int, questions: dict[int, dict[str, Any]]) -> NoReturn:
        shown = [f"question {number} about {data['element']}: {data['message']}" for number, data in questions.items()]
        self.refuse([f"run {run} has {len(questions)} questions; choose one with --question N", *shown], FAILED)
