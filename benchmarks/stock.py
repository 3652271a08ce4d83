"""Stock SpiffWorkflow as its own documentation stores it: one JSON document per instance."""

from __future__ import annotations

from typing import Any, cast

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import text

from workflow.db import Database

TABLES = (
    "DROP TABLE IF EXISTS stock_instance",
    "DROP TABLE IF EXISTS stock_task",
    "DROP TABLE IF EXISTS stock_log",
    "CREATE TABLE stock_instance (id INTEGER PRIMARY KEY, state TEXT NOT NULL)",
    "CREATE TABLE stock_task (id VARCHAR(40) PRIMARY KEY, name VARCHAR(80), lane VARCHAR(80))",
    "CREATE TABLE stock_log (id VARCHAR(40), name VARCHAR(80))",
)


class StockDossier:
    """One instance, loaded and stored whole at each step, with its open tasks and a log row."""

    def __init__(self, database: Database, files: dict[str, bytes]) -> None:
        self.database = database
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
        parser = SpiffBpmnParser()
        for name, content in files.items():
            parser.add_bpmn_str(content, name)
        workflow = BpmnWorkflow(parser.get_spec("dossier"), parser.get_subprocess_specs("dossier"))
        workflow.do_engine_steps()
        with database.transaction() as session:
            for statement in TABLES:
                session.execute(text(statement))
            session.execute(
                text("INSERT INTO stock_instance (id, state) VALUES (1, :state)"),
                {"state": self.serializer.serialize_json(workflow)},
            )

    def complete(self, name: str, answer: dict[str, Any]) -> None:
        """One step: load, complete, run to the next waits, store, commit."""
        with self.database.transaction() as session:
            state = session.execute(text("SELECT state FROM stock_instance WHERE id = 1")).scalar()
            workflow = cast(BpmnWorkflow, self.serializer.deserialize_json(state))
            ready = workflow.get_tasks(state=TaskState.READY, manual=True)
            task = next(task for task in ready if task.task_spec.name == name)
            task.data.update(answer)
            task.run()
            workflow.do_engine_steps()
            workflow.refresh_waiting_tasks()
            session.execute(
                text("UPDATE stock_instance SET state = :state WHERE id = 1"),
                {"state": self.serializer.serialize_json(workflow)},
            )
            session.execute(text("DELETE FROM stock_task"))
            rows = [
                {
                    "id": str(task.id),
                    "name": task.task_spec.name,
                    "lane": getattr(task.task_spec, "lane", None),
                }
                for task in workflow.get_tasks(state=TaskState.READY, manual=True)
            ]
            session.execute(text("INSERT INTO stock_task VALUES (:id, :name, :lane)"), rows)
            session.execute(
                text("INSERT INTO stock_log VALUES (:id, :name)"),
                {"id": str(task.id), "name": name},
            )

    def size(self) -> int:
        """Bytes of state."""
        with self.database.reading() as session:
            return session.execute(text("SELECT length(state) FROM stock_instance")).scalar_one()
