"""Runs the program of a job in Python, and tells Flink what it fails of: by itself Flink says only that Python ended.

Called by Flink's PythonDriver in the JobManager, with the job's id. The archive that this is in has the name of the program's module and its arguments.
"""

import functools
import json
import os
import runpy
import sys
import traceback


def main(job_id, loader):
    job = json.loads(loader.get_data(os.path.join(loader.archive, "job.json")))
    sys.argv = [job["module"], *job["arguments"]]
    try:
        check_environments(job_id)
        runpy.run_module(job["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code not in (None, 0):
            tell(f"the program ended itself with {end.code}")
            raise
    except BaseException as error:
        cause = getattr(error, "java_exception", None)
        # Flink wanted to see the plan only, and has it.
        if cause is None or "ProgramAbortException" not in cause.toString():
            traceback.print_exc()
            tell(describe(error) if cause is None else cause.toString(), cause)
        sys.exit(1)


def check_environments(job_id):
    """The JobManager has one environment for all programs that run in it at a time, unless they run in its own threads, which Python does not: another
    job's would start this one under that job's id."""
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.table import TableEnvironment

    def checked(create, configuration_of):
        @functools.wraps(create)
        def create_checked(*args, **kwargs):
            from pyflink.java_gateway import get_gateway

            environment = create(*args, **kwargs)
            options = get_gateway().jvm.org.apache.flink.configuration.PipelineOptionsInternal
            found = configuration_of(environment).getOptional(options.PIPELINE_FIXED_JOB_ID).orElse(None)
            if found != job_id:
                raise RuntimeError(f"Another job is being started at this moment: {found}")
            return environment

        return staticmethod(create_checked)

    StreamExecutionEnvironment.get_execution_environment = checked(
        StreamExecutionEnvironment.get_execution_environment,
        lambda environment: environment._j_stream_execution_environment.getConfiguration(),
    )
    TableEnvironment.create = checked(
        TableEnvironment.create,
        lambda environment: environment._j_tenv.getConfig(),
    )


def describe(error):
    """The error as Python would show it, and where in the program it is."""
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    modules = [sys.modules[name].__file__ for name in ("pyflink", "py4j") if name in sys.modules]
    libraries = tuple(os.path.dirname(file) + os.sep for file in modules)
    places = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(("<frozen", *libraries)) and frame.filename not in (__file__, runpy.__file__)
    ]
    if not places:
        return text
    return f"{text} ({os.path.basename(places[-1].filename)}, line {places[-1].lineno})"


def tell(text, cause=None):
    """Makes Flink answer with this instead of Python's exit code."""
    try:
        from pyflink.java_gateway import get_gateway

        jvm = get_gateway().jvm
        flink = jvm.org.apache.flink
        failure = jvm.java.lang.RuntimeException(text, cause)
        unsuccessful = flink.client.deployment.application.UnsuccessfulExecutionException
        try:
            status = flink.runtime.clusterframework.ApplicationStatus.FAILED
            failed = unsuccessful(flink.api.common.JobID(), status, text, failure)
        except Exception:
            # Later versions name it by the state of the job.
            failed = unsuccessful(flink.api.common.JobID(), flink.api.common.JobStatus.FAILED, text, failure)
        flink.client.python.PythonEnvUtils.setPythonException(failed)
    except Exception:
        # It is in the JobManager's log, as all that is printed here.
        traceback.print_exc()


if __name__ == "__main__":
    main(sys.argv[1], __spec__.loader)
