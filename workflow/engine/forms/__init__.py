"""Forms: what a human may answer, declared once in form-js JSON and validated here only."""

from workflow.engine.forms.component import AnswerType, Component, Option, questions
from workflow.engine.forms.form import Form, Forms
from workflow.engine.forms.part import FormFault, InvalidForm

__all__ = [
    "AnswerType",
    "Component",
    "Form",
    "FormFault",
    "Forms",
    "InvalidForm",
    "Option",
    "questions",
]
