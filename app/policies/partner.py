"""Policies in the portal: read, tried, drafted, published, challenged."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import StateChangeOut, answer, page_of, paginate
from app.policies import backtests, books, drafts, experiments, trials, versions
from app.policies.models import PolicyBacktest, PolicyExperiment, PolicyVersion
from app.policies.schemas import (
    ApproveIn,
    BacktestIn,
    BacktestOut,
    BookFiles,
    CasesOut,
    DecideIn,
    DiffArgs,
    DiffOut,
    DraftIn,
    ExperimentArgs,
    ExperimentOut,
    FilesIn,
    PolicyOut,
    PolicyRemarkIn,
    ProposalIn,
    ShowOut,
    SoundnessOut,
    TryOut,
    VersionArgs,
    VersionFilesOut,
    VersionOut,
    unfolded,
)
from app.staff.permissions import Permission

blp = Blueprint("policies", __name__, description="Policies: rule sets, their versions and challengers")
PATH = "/partner/brand/<brand_id>/policies"
VERSION = f"{PATH}/versions/<uuid:version_id>"
EXPERIMENT = f"{PATH}/experiments/<uuid:experiment_id>"
BACKTEST = f"{PATH}/backtests/<uuid:run_id>"
FILE = {"type": "string", "format": "binary"}


@blp.route(PATH)
class Policies(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.response(200, PolicyOut(many=True))
    def get(self):
        """The brand's rule sets: which version is in force, which is coming, which challenges."""
        return trials.policies()


@blp.route(f"{PATH}/<ruleset>")
class Policy(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.response(200, ShowOut)
    def get(self, ruleset):
        """The rule set in force: rules, parameters, tables, inputs, and where each stands."""
        return trials.show(ruleset)


@blp.route(f"{PATH}/<ruleset>/check")
class Check(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.arguments(FilesIn)
    @blp.response(200, SoundnessOut)
    def post(self, body, ruleset):
        """Every problem of files, before anybody drafts them."""
        return trials.check(ruleset, **body)


@blp.route(f"{PATH}/<ruleset>/test")
class Test(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.arguments(FilesIn)
    @blp.response(200, CasesOut)
    def post(self, body, ruleset):
        """Run the cases of what is in force, or with files in its place."""
        return trials.test(ruleset, **body)


@blp.route(f"{PATH}/<ruleset>/decide")
class Decide(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.arguments(DecideIn)
    @blp.response(200, TryOut)
    def post(self, body, ruleset):
        """What the rules say of inputs; nothing is kept."""
        return unfolded(trials.decide(ruleset, **body))


@blp.route(f"{PATH}/<ruleset>/diff")
class Diff(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.arguments(DiffArgs, location="query")
    @blp.response(200, DiffOut)
    def get(self, args, ruleset):
        """What differs between two versions, in sentences."""
        left, right, changes = trials.differences(ruleset, **args)
        return {"left_hash": left.hash, "right_hash": right.hash, "changes": changes}


@blp.route(f"{PATH}/<ruleset>/versions")
class Versions(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.arguments(VersionArgs, location="query")
    @blp.response(200, page_of(VersionOut))
    def get(self, args, ruleset):
        """Every version of a rule set, newest first."""
        sortable = {"number": PolicyVersion.number, "createdAt": PolicyVersion.created_at}
        return paginate(versions.search(ruleset, args["status"]), args, sortable)

    @staff(Permission.POLICY_DRAFT)
    @blp.etag
    @blp.arguments(DraftIn)
    @blp.response(201, VersionFilesOut)
    def post(self, body, ruleset):
        """Draft a version: files in place of those in force. Problems are told by file, line and column."""
        return drafts.filled(versions.draft(ruleset, **body))


@blp.route(VERSION)
class Version(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.etag
    @blp.response(200, VersionFilesOut)
    def get(self, version_id):
        """A version with its files."""
        return drafts.filled(versions.get(version_id))

    @staff(Permission.POLICY_DRAFT)
    @blp.etag
    @blp.arguments(DraftIn)
    @blp.response(200, VersionFilesOut)
    def put(self, body, version_id):
        """Change a draft. If-Match is the ETag of what was read: somebody else's change is not lost."""
        version = versions.locked(version_id)
        blp.check_etag(drafts.filled(version), VersionFilesOut)
        return drafts.filled(versions.redraft(version, **body))

    @staff(Permission.POLICY_DRAFT)
    @blp.etag
    @blp.response(204)
    def delete(self, version_id):
        """Drop a draft. It is withdrawn and stays in the history."""
        version = versions.locked(version_id)
        blp.check_etag(drafts.filled(version), VersionFilesOut)
        versions.withdraw(version_id, "Dropped")


@blp.route(f"{VERSION}/rules")
class VersionRules(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.response(200, ShowOut)
    def get(self, version_id):
        """The rule set of a version: rules, parameters, tables, inputs."""
        return trials.show_version(version_id)


@blp.route(f"{VERSION}/history")
class VersionHistory(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.response(200, StateChangeOut(many=True))
    def get(self, version_id):
        """Every step of a version: who took it, when and why."""
        return versions.history(version_id)


@blp.route(f"{VERSION}/backtest")
class VersionBacktest(MethodView):
    @staff(Permission.POLICY_DRAFT)
    @blp.arguments(BacktestIn)
    @blp.response(202, BacktestOut)
    def post(self, body, version_id):
        """Run a draft on the brand's past decisions, beside the rules in force, and attach the result to it."""
        return _accepted(backtests.ask(versions.locked(version_id), **body))


@blp.route(f"{VERSION}/backtest/book")
class VersionBookBacktest(MethodView):
    @staff(Permission.POLICY_DRAFT)
    @blp.arguments(BacktestIn, location="form")
    @blp.arguments(BookFiles, location="files")
    @blp.response(202, BacktestOut)
    def post(self, form, files, version_id):
        """Run a version on a book that you send (CSV or Parquet). The run is attached to nothing."""
        data = files["file"].stream.read(books.BYTES_MAX + 1)
        return _accepted(backtests.ask_on_book(versions.locked(version_id), data, **form))


def _accepted(run: PolicyBacktest) -> Response:
    body = BacktestOut().dump(run)
    response = answer(body, status=202)
    response.headers["Location"] = body["href"]
    response.headers["Retry-After"] = "1"
    return response


@blp.route(BACKTEST)
class Backtest(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.response(200, BacktestOut)
    def get(self, run_id):
        """How far a backtest is, and its figures."""
        return backtests.get(run_id)


@blp.route(f"{BACKTEST}/files/<kind>")
class BacktestFile(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.response(200, FILE, content_type="application/octet-stream")
    def get(self, run_id, kind):
        """The whole result: `json`, the changed cases as `csv`, or one page with charts as `html`."""
        name, content_type, chunks = backtests.file(backtests.get(run_id), kind)
        response = Response(chunks, mimetype=content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Content-Security-Policy"] = "sandbox"
        return response


@blp.route(f"{VERSION}/submit")
class Submit(MethodView):
    @staff(Permission.POLICY_DRAFT)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, VersionOut)
    def post(self, body, version_id):
        """Ask for approval: it is sound, its cases pass, its backtest is attached."""
        return versions.submit(version_id, **body)


@blp.route(f"{VERSION}/approve")
class Approve(MethodView):
    @staff(Permission.POLICY_APPROVE)
    @blp.arguments(ApproveIn)
    @blp.response(200, VersionOut)
    def post(self, body, version_id):
        """Second person: into force now or at an instant, or on trial as a challenger."""
        return versions.approve(version_id, **body)


@blp.route(f"{VERSION}/reject")
class Reject(MethodView):
    @staff(Permission.POLICY_APPROVE)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, VersionOut)
    def post(self, body, version_id):
        """Refuse a submitted version."""
        return versions.reject(version_id, **body)


@blp.route(f"{VERSION}/withdraw")
class Withdraw(MethodView):
    @staff(Permission.POLICY_DRAFT)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, VersionOut)
    def post(self, body, version_id):
        """Take back what is not approved."""
        return versions.withdraw(version_id, **body)


@blp.route(f"{VERSION}/roll-back")
class RollBack(MethodView):
    @staff(Permission.POLICY_APPROVE)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, PolicyOut)
    def post(self, body, version_id):
        """Put the version before this one in force again, at once. Answers with what is in force then."""
        return trials.policy(versions.roll_back(version_id, **body).ruleset)


@blp.route(f"{PATH}/experiments")
class Experiments(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.arguments(ExperimentArgs, location="query")
    @blp.response(200, page_of(ExperimentOut))
    def get(self, args):
        """Every challenger there was, newest first."""
        return paginate(experiments.search(args["status"]), args, {"createdAt": PolicyExperiment.created_at})

    @staff(Permission.POLICY_DRAFT)
    @blp.arguments(ProposalIn)
    @blp.response(201, ExperimentOut)
    def post(self, body):
        """Ask for a version to run as a challenger."""
        return experiments.propose(**body)


@blp.route(EXPERIMENT)
class Experiment(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.response(200, ExperimentOut)
    def get(self, experiment_id):
        """One experiment."""
        return experiments.get(experiment_id)


@blp.route(f"{EXPERIMENT}/start")
class Start(MethodView):
    @staff(Permission.POLICY_APPROVE)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, ExperimentOut)
    def post(self, body, experiment_id):
        """Second person: let the challenger decide."""
        return experiments.start(experiment_id, **body)


@blp.route(f"{EXPERIMENT}/reject")
class RejectExperiment(MethodView):
    @staff(Permission.POLICY_APPROVE)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, ExperimentOut)
    def post(self, body, experiment_id):
        """Refuse what was asked for: a start, or a stop."""
        return experiments.reject(experiment_id, **body)


@blp.route(f"{EXPERIMENT}/withdraw")
class WithdrawExperiment(MethodView):
    @staff(Permission.POLICY_DRAFT)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, ExperimentOut)
    def post(self, body, experiment_id):
        """Take a proposal back."""
        return experiments.withdraw(experiment_id, **body)


@blp.route(f"{EXPERIMENT}/ask-stop")
class AskStop(MethodView):
    @staff(Permission.POLICY_DRAFT)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, ExperimentOut)
    def post(self, body, experiment_id):
        """Ask for the challenger to stop; it decides until somebody agrees."""
        return experiments.ask_stop(experiment_id, **body)


@blp.route(f"{EXPERIMENT}/stop")
class Stop(MethodView):
    @staff(Permission.POLICY_APPROVE)
    @blp.arguments(PolicyRemarkIn)
    @blp.response(200, ExperimentOut)
    def post(self, body, experiment_id):
        """Second person: agree to the stop."""
        return experiments.stop(experiment_id, **body)
