"""The inventory over REST: elements, groups, profiles, credentials. Views translate: parse, one call, answer."""

from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from elements.models import Credential, CredentialType, Element, Group, Profile
from elements.operations import save_credential, save_element, save_group, save_profile
from elements.queries import origins_of
from flowsite.kernel.errors import Conflict, InvalidRequest
from flowsite.kernel.rest import Resource, StrictKeys, TrueOrFalse, json_object


class NameTaken(Conflict):
    """An object was to be created under a name that is in use."""

    code = "name_taken"

    def __init__(self, kind: str, name: str) -> None:
        article = "an" if kind == "element" else "a"
        super().__init__(
            f"there is {article} {kind} {name!r} already; change it with PUT, or choose another name",
            fields={"name": ["taken"]},
        )


class NameFixed(InvalidRequest):
    """An object was to be renamed: flows and documents refer to it by its name."""

    code = "name_fixed"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"this {kind} is called {name!r} and keeps its name; leave the name out or as it is",
            fields={"name": [f"expected {name!r}"]},
        )


class AddressMissing(InvalidRequest):
    """Nobody could reach the element."""

    def __init__(self, profile: str) -> None:
        message = f"the address is missing, expected one because profile {profile!r} connects by ssh"
        super().__init__(message, fields={"address": [message]})


@extend_schema_field({"type": "object", "additionalProperties": {}})
class JsonObject(serializers.JSONField):
    """Any JSON object."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse what is no object."""
        if not isinstance(data, dict):
            raise serializers.ValidationError(f"found {type(data).__name__}, expected an object")
        return super().to_internal_value(data)


class InventoryResource(Resource):
    """One kind of the inventory. POST creates, PUT replaces; both give the object as it is then."""

    kind: ClassVar[str]
    permissions: ClassVar[dict[str, str]] = {
        "view": "inventory.view",
        "create": "inventory.change",
        "update": "inventory.change",
    }
    search_fields: tuple[str, ...] = ("name",)
    ordering_fields: tuple[str, ...] = ("id", "name")
    ordering = ("name",)

    def create(self, request: Request) -> Response:
        """Create an object; its name must be free."""
        serializer = self.get_serializer(data=json_object(request))
        serializer.is_valid(raise_exception=True)
        name = serializer.validated_data["name"]
        if self.get_queryset().filter(name=name).exists():
            raise NameTaken(self.kind, name)
        self.store(request, serializer.validated_data)
        return Response(self._shown(name), status=201)

    def update(self, request: Request, **_: Any) -> Response:
        """Replace an object; what is left out gets its default. The name stays."""
        name = self.get_object().name
        serializer = self.get_serializer(data={"name": name, **json_object(request)})
        serializer.is_valid(raise_exception=True)
        if serializer.validated_data["name"] != name:
            raise NameFixed(self.kind, name)
        self.store(request, serializer.validated_data)
        return Response(self._shown(name))

    def store(self, request: Request, values: dict[str, Any]) -> None:
        """Make the one call that stores the values."""
        raise NotImplementedError

    def _shown(self, name: str) -> Any:
        return self.get_serializer(self.get_queryset().get(name=name)).data


class GroupSerializer(StrictKeys, serializers.ModelSerializer[Group]):
    """A group."""

    name = serializers.CharField(max_length=100)
    context = JsonObject(required=False, default=dict)  # type: ignore[assignment]
    priority = serializers.IntegerField(
        default=0,
        min_value=-1_000_000,
        max_value=1_000_000,
        help_text="where groups disagree, the higher one wins",
    )

    class Meta:
        model = Group
        fields = ("id", "name", "priority", "context")


@extend_schema(tags=["inventory"])
class GroupResource(InventoryResource):
    """Named sets of elements, with context for their members."""

    kind = "group"
    queryset = Group.objects.all()
    serializer_class = GroupSerializer
    filterset_fields = ("name",)

    def store(self, request: Request, values: dict[str, Any]) -> None:
        save_group(**values, by=request.user)


class ProfileSerializer(StrictKeys, serializers.ModelSerializer[Profile]):
    """A profile; ``connection`` has the keys of a document."""

    name = serializers.CharField(max_length=100)
    connection = JsonObject()
    credential = serializers.SlugRelatedField(
        slug_field="name", queryset=Credential.objects.all(), required=False, allow_null=True, default=None
    )
    context = JsonObject(required=False, default=dict)  # type: ignore[assignment]

    class Meta:
        model = Profile
        fields = ("id", "name", "connection", "credential", "context")


class ProfileResource(InventoryResource):
    """Kinds of elements: how to connect, with which credential, and the default context."""

    kind = "profile"
    queryset = Profile.objects.select_related("credential")
    serializer_class = ProfileSerializer
    filterset_fields = ("name",)

    def store(self, request: Request, values: dict[str, Any]) -> None:
        credential = values.pop("credential")
        save_profile(**values, credential=credential.name if credential else None, by=request.user)


class CredentialSerializer(StrictKeys, serializers.ModelSerializer[Credential]):
    """A credential; its values go in and never come out."""

    name = serializers.CharField(max_length=100)
    type = serializers.ChoiceField(CredentialType.choices)
    secret = serializers.DictField(
        child=serializers.CharField(trim_whitespace=False),
        write_only=True,
        help_text="private_key (and passphrase) | password | token | username and password, by type",
    )

    class Meta:
        model = Credential
        fields = ("id", "name", "type", "secret", "written_by", "written_at")
        read_only_fields = ("written_by", "written_at")


@extend_schema(tags=["inventory"])
class CredentialResource(InventoryResource):
    """Secrets of profiles. Their values are write-only."""

    kind = "credential"
    permissions: ClassVar[dict[str, str]] = {
        "view": "inventory.view",
        "create": "credential.change",
        "update": "credential.change",
    }
    queryset = Credential.objects.defer("secret")
    serializer_class = CredentialSerializer
    filterset_fields = ("name", "type")

    def store(self, request: Request, values: dict[str, Any]) -> None:
        save_credential(**values, by=request.user)


class SettingsField(JsonObject):
    """An element's own settings as one object; keys are checked by the operation."""

    def get_attribute(self, instance: Element) -> dict[str, Any]:
        """By dotted key."""
        return {setting.key: setting.value for setting in instance.settings.all()}


class ElementSerializer(StrictKeys, serializers.ModelSerializer[Element]):
    """An element with its own settings. Settings that a request leaves out stay as they are."""

    name = serializers.CharField(max_length=200)
    profile = serializers.SlugRelatedField(slug_field="name", queryset=Profile.objects.all())
    address = serializers.CharField(max_length=255, required=False, default="", allow_blank=True)
    enabled = serializers.BooleanField(default=True)
    groups = serializers.SlugRelatedField(
        slug_field="name",
        queryset=Group.objects.all(),
        many=True,
        required=False,
        default=list,  # type: ignore[arg-type]
    )
    settings = SettingsField(required=False, default=dict, help_text="values stored on the element, by dotted key")

    class Meta:
        model = Element
        fields = ("id", "name", "profile", "address", "enabled", "groups", "settings")


class OriginSerializer(serializers.Serializer[Any]):
    """One value of the effective context, and where it comes from."""

    key = serializers.CharField(help_text="dotted")
    value = serializers.JSONField(allow_null=True)
    origin = serializers.CharField(help_text="profile, group or own setting")


class ElementDetailSerializer(ElementSerializer):
    """An element with its effective context."""

    context = serializers.SerializerMethodField()  # type: ignore[assignment]

    class Meta(ElementSerializer.Meta):
        fields = (*ElementSerializer.Meta.fields, "context")  # type: ignore[assignment]

    @extend_schema_field(OriginSerializer(many=True))
    def get_context(self, element: Element) -> Any:
        """Every value by key."""
        return OriginSerializer(origins_of(element), many=True).data


class ElementFilter(filters.FilterSet):  # type: ignore[misc]
    """Exact matches; ``search`` looks in names and addresses."""

    profile = filters.CharFilter(field_name="profile__name")
    group = filters.CharFilter(field_name="groups__name")
    enabled = TrueOrFalse()

    class Meta:
        model = Element
        fields = ("name", "profile", "group", "address", "enabled")


@extend_schema(tags=["inventory"])
class ElementResource(InventoryResource):
    """The things of the fleet."""

    kind = "element"
    queryset = Element.objects.select_related("profile").prefetch_related("groups", "settings")
    serializer_class = ElementSerializer
    filterset_class = ElementFilter
    search_fields = ("name", "address")
    ordering_fields = ("id", "name", "address", "profile__name")

    @extend_schema(responses=ElementDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002
        """One element with its effective context, each value with its origin."""
        return Response(ElementDetailSerializer(self.get_object()).data)

    def store(self, request: Request, values: dict[str, Any]) -> None:
        if values["profile"].connects_by_ssh and not values["address"]:
            raise AddressMissing(values["profile"].name)
        names = {"profile": values["profile"].name, "groups": [group.name for group in values["groups"]]}
        save_element(**{**values, **names}, by=request.user)
