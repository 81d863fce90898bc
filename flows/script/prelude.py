"""What stands in front of a script in the sandbox: ``StepFailed``, the functions of R4 and R10, and their bookkeeping.

Built-in names are kept under names of their own, since a script may give ``sorted`` or ``len`` another meaning.
"""

from hashlib import sha256
from typing import Final

STEP_FAILED: Final = "binascii.Incomplete"
"""The sandbox has no exception subclasses, so ``StepFailed`` borrows one that nothing else raises (6-facts)."""

_BASE: Final = """\
from binascii import Incomplete as StepFailed
__isinstance=isinstance;__type=type;__str=str;__list=list;__dict=dict;__len=len;__range=range;__sorted=sorted
__at=0;__cause='';__blamed=()
"""

# Every element is tried, so that an error can name all that have the same cause; then the first is tried again,
# so that the error has the line of the author's function. Of keys that cannot be compared the rarer kind is blamed.
_EACH: Final = """\
def __each(elements,function):
    global __cause,__blamed
    values=[];blamed=[];first=None;cause=''
    for element in elements:
        try:
            values.append(function(element))
        except Exception as error:
            text=__type(error).__name__+': '+__str(error)
            if not blamed:
                first=element;cause=text;failure=error
            if text==cause:
                blamed.append(__named(element))
    if blamed:
        __cause=cause;__blamed=blamed
        function(first)
        raise failure
    return values
def __named(element):
    return element['name'] if __isinstance(element,__dict) and 'name' in element else __str(element)
def __blame_odd(elements,keys,cause):
    global __cause,__blamed
    kinds={}
    for place in __range(__len(keys)):
        kinds.setdefault(__type(keys[place]).__name__,[]).append(__named(elements[place]))
    odd=[names for kind,names in kinds.items() if "'"+kind+"'" in cause]
    if __len(odd)>1:
        __cause=cause;__blamed=__sorted(odd,key=__len)[0]
def __ordered(elements,key,reverse):
    keys=__each(elements,key)
    try:
        places=__sorted(__range(__len(keys)),key=lambda place: keys[place],reverse=reverse)
    except TypeError as error:
        __blame_odd(elements,keys,'TypeError: '+__str(error))
        raise
    return [elements[place] for place in places]
def __filtered(elements,predicate):
    kept=__each(elements,predicate)
    return [elements[place] for place in __range(__len(kept)) if kept[place]]
"""

_IN_PLACE: Final = """\
def order_flow_elements(elements,key,reverse=False):
    elements[:]=__ordered(elements,key,reverse)
    return elements
def filter_flow_elements(elements,predicate):
    elements[:]=__filtered(elements,predicate)
    return elements
"""

_NEW_LISTS: Final = """\
def order_flow_elements(elements,key,reverse=False):
    return __ordered(__list(elements),key,reverse)
def filter_flow_elements(elements,predicate):
    return __filtered(__list(elements),predicate)
"""

PROCESSING: Final = _BASE + _EACH + _IN_PLACE
EXECUTION: Final = _BASE + "__elements=__range(last+1,last+last+2)\n"
EXECUTION_WITH_ORDERING: Final = EXECUTION + _EACH + _NEW_LISTS


def all_elements(count: int) -> str:
    """How ``__elements`` of so many elements arrives at the host: ranges cross as text."""
    return f"range({count}, {2 * count})"


CHOSEN: Final = """\
[(e['id'] if __isinstance(e,__dict) and 'id' in e else None,__str(e)[:60]) for e in __list(elements)]
"""
"""Evaluated after a processing script: (id, or None for what is no element; how to show it), in order (R5)."""

WHERE: Final = "(__at,__cause,__list(__blamed))"
"""Evaluated after an error: the line that had begun, and what ``__each`` found."""

DIGEST: Final = sha256((EXECUTION_WITH_ORDERING + PROCESSING + CHOSEN + WHERE).encode()).hexdigest()[:12]
"""Tells one prelude from another."""
