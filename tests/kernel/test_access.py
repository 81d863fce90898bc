"""Roles and what they allow."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.models import Group as RoleGroup
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from flowsite.kernel.access import POLICY, SYSTEM, AccessDenied, Role, allows, require
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ALLOWED = {
    "viewer": "flow.check flow.plan flow.view inventory.view run.view schedule.view task.view",
    "operator": "flow.run run.answer run.control setting.change",
    "author": "flow.publish inventory.change task.publish",
    "administrator": "audit.view credential.change schedule.change user.change",
}


def test_the_migration_makes_the_four_roles() -> None:
    assert set(RoleGroup.objects.values_list("name", flat=True)) == {role.value for role in Role}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_its_own_and_what_the_roles_below_it_may(role: Role) -> None:
    user = make_user(role)
    reached = list(Role)[: list(Role).index(role) + 1]
    expected = {permission for lower in reached for permission in ALLOWED[lower].split()}
    assert {permission for permission in POLICY if allows(user, permission)} == expected


def test_a_user_without_a_role_may_do_nothing_and_is_told_which_one_is_needed() -> None:
    with pytest.raises(AccessDenied, match=r"ann may not do this: flow.run needs the role operator"):
        require(make_user(name="ann"), "flow.run")


def test_nobody_who_is_not_logged_in_or_not_active_may_do_anything() -> None:
    inactive = make_user("administrator")
    inactive.is_active = False
    for user in (AnonymousUser(), inactive):
        assert not any(allows(user, permission) for permission in POLICY)


def test_a_superuser_and_the_system_may_do_everything() -> None:
    root = User.objects.create_superuser("root")
    assert all(allows(actor, permission) for permission in POLICY for actor in (root, SYSTEM))


def test_no_account_can_be_named_like_the_system() -> None:
    with pytest.raises(ValidationError, match="Enter a valid username"):
        User(username=SYSTEM.get_username(), password="x").full_clean()


def test_asking_many_times_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user("operator")
    with django_assert_num_queries(1):
        assert [allows(user, permission) for permission in POLICY for _ in range(3)]


def test_a_permission_that_is_not_in_the_table_is_a_bug_and_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        require(SYSTEM, "flow.fly")
