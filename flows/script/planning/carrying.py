"""The part of a plan's prelude that carries unknown values along, and ends the plan where one decides (R40)."""

from typing import Final

UNKNOWN: Final = """\
class __Unknown:
    def __init__(self,site,is_text):
        self.site=site;self.is_text=is_text
def __top(value):
    if __isinstance(value,__Unknown):
        return value
    if __isinstance(value,__str) and __mark in value:
        return __Unknown(0,True)
    return None
def __vague(unknown):
    return __Unknown(unknown.site,False) if unknown.is_text else unknown
def __as_text(unknown):
    return unknown if unknown.is_text else __Unknown(unknown.site,True)
def __is_text(value):
    return __isinstance(value,__str) or (__isinstance(value,__Unknown) and value.is_text)
def __added(a,b,unknown):
    return __as_text(unknown) if __is_text(a) and __is_text(b) else __vague(unknown)
def __find(value,depth=0):
    if __isinstance(value,__Unknown):
        return value
    if depth<30:
        if __isinstance(value,(__list,__tuple)):
            for item in value:
                found=__find(item,depth+1)
                if found is not None:
                    return found
        elif __isinstance(value,__dict):
            for item in value.values():
                found=__find(item,depth+1)
                if found is not None:
                    return found
    if __isinstance(value,__str) and __mark in value:
        return __Unknown(0,True)
    if __isinstance(value,Exception) and __mark in __str(value):
        return __Unknown(0,True)
    return None
def __said(value):
    return value if __find(value) is None else __mark
def __known(value,point):
    found=__top(value)
    if found is not None:
        __close(['unknown',point,found.site])
    return value
def __known_in(value,point):
    found=__find(value)
    if found is not None:
        __close(['unknown',point,found.site])
    return value
def __spread(value,count):
    found=__top(value)
    return value if found is None else [found]*count
def __pairs(value,point,count):
    value=__known(value,point)
    items=[__spread(item,count) for item in value]
    return items
def __slot(value):
    return value if __top(value) is None else {}
def __holder(value):
    return value if __top(value) is None else __Unknown(0,False)
def __item(value,key):
    found=__top(value)
    if found is None:
        found=__top(key)
    return value[key] if found is None else __vague(found)
def __cut(value,start,stop,step):
    for part in (value,start,stop,step):
        found=__top(part)
        if found is not None:
            return __vague(found)
    return value[start:stop:step]
def __attribute(value,read):
    found=__top(value)
    return read(value) if found is None else __vague(found)
def __text(made,*values):
    found=__find(values)
    return made(*values) if found is None else __as_text(found)
def __not(value):
    found=__top(value)
    return (not value) if found is None else __vague(found)
def __and(value,*others):
    for other in others:
        if __top(value) is not None or not value:
            return value
        value=other()
    return value
def __or(value,*others):
    for other in others:
        if __top(value) is not None or value:
            return value
        value=other()
    return value
def __chain(left,*rest):
    for place in __range(0,__len(rest),2):
        right=rest[place+1]()
        result=rest[place](left,right)
        if __top(result) is not None or not result:
            return result
        left=right
    return result
def __in(item,holder):
    found=__top(holder)
    if found is None:
        found=__find(item)
    if found is not None:
        return __vague(found)
    if __isinstance(holder,(__list,__tuple)):
        found=__find(holder)
        if found is not None:
            for other in holder:
                if __find(other) is None and other==item:
                    return True
            return __vague(found)
    return item in holder
def __not_in(item,holder):
    return __not(__in(item,holder))
def __ordering(__point,__function,__items,__choice,**__k):
    __known(__items,__point)
    return __function(__items,lambda e: __known_in(__choice(e),__point),**__k)
def __method(__point,__word,__call,__on,*__a,**__k):
    found=__top(__on)
    if found is not None:
        return found if __word in __kept and found.is_text else __vague(found)
    found=__find(__a)
    if found is None:
        found=__find(__k)
    if found is None:
        if __word=='sort' and 'key' in __k and __isinstance(__on,__list):
            __known_in([__k['key'](item) for item in __on],__point)
        elif __word in ('sort','remove','index','count') and __isinstance(__on,__list):
            __known_in(__on,__point)
        elif __word=='join' or (__word in ('index','count') and __isinstance(__on,__tuple)):
            return __text(lambda a,b: __call(__on,*a,**b),__a,__k)
        return __call(__on,*__a,**__k)
    if __isinstance(__on,__dict):
        if __a and __top(__a[0]) is not None:
            if __word=='get':
                return __vague(found)
            __close(['unknown',__point,found.site])
        return __call(__on,*__a,**__k)
    if __isinstance(__on,__list):
        if __word in ('append','extend','insert') and __top(__a[0]) is None:
            return __call(__on,*__a,**__k)
        if __word=='append':
            return __call(__on,*__a,**__k)
        __close(['unknown',__point,found.site])
    if __isinstance(__on,(__set,__frozenset)):
        __close(['unknown',__point,found.site])
    if __isinstance(__on,(__str,bytes,int,float,__tuple)):
        return __vague(found)
    return __call(__on,*__a,**__k)
def __call(__point,__word,__function,*__a,**__k):
    tops=[item for item in __a if __top(item) is not None]
    if __word=='own filter' and __len(__a)==2 and not tops:
        choice=__a[0]
        return __function(lambda item: __known_in(choice(item),__point),__a[1])
    if __word in ('sorted','min','max') and __len(__a)==1 and not tops and 'key' in __k:
        found=__find([__k['key'](item) for item in __a[0]])
        return __function(*__a,**__k) if found is None else __vague(found)
    found=__find(__a)
    if found is None:
        found=__find(__k)
    if found is None:
        return __function(*__a,**__k)
    if __word in __exceptions:
        return __function(__mark)
    if __word=='setattr' and __len(__a)==3 and __top(__a[0]) is None and __top(__a[1]) is None:
        return __function(*__a,**__k)
    if tops:
        return __as_text(tops[0]) if __word in ('str','repr') else __vague(tops[0])
    if __word in __passing:
        return __function(*__a,**__k)
    if __word in ('any','all'):
        seen=None
        for item in __a[0]:
            top=__top(item)
            if top is not None:
                if seen is None:
                    seen=top
            elif __bool(item)==(__word=='any'):
                return __word=='any'
        return (__word=='all') if seen is None else __vague(seen)
    if __word in ('set','frozenset'):
        __close(['unknown',__point,found.site])
    return __as_text(found) if __word in ('str','repr') else __vague(found)
def __firm(__p,__w,__f,*__a,**__k):
    result=__f(*__a,**__k)
    found=__top(result)
    if found is None:
        return result
    tops=[item for item in __a if __top(item) is not None]
    if not tops and __w in ('__item','__cut'):
        return result
    if __w=='__cut' and __is_text(__a[0]) and __len(tops)==1:
        return __as_text(found)
    if __w in ('__op_Add','__iop_Add') and __is_text(__a[0]) and __is_text(__a[1]):
        return result
    if __w=='__method' and __len(tops)==1 and __is_text(__a[3]) and __a[1] in __sure:
        return result
    if __w=='__call' and __a[1] in ('str','repr','bool','isinstance','any','all'):
        return result
    if __w=='__call' and __a[1]=='len' and __is_text(__a[3]):
        return result
    __close(['unknown',__p,found.site])
"""

_BINARY: Final = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "Mod": "%", "LShift": "<<", "RShift": ">>",
    "BitOr": "|", "BitXor": "^", "BitAnd": "&", "FloorDiv": "//", "Pow": "**",
}  # fmt: skip
_UNARY: Final = {"UAdd": "+", "USub": "-", "Invert": "~"}
_COMPARED: Final = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">="}
_SAME: Final = {"Is": "is", "IsNot": "is not"}


def operators() -> str:
    """One function for each operator: its result is unknown where an operand is."""
    lines = []
    for name, sign in _BINARY.items():
        inside = "__find(b) if __isinstance(a,__str) else " if name == "Mod" else ""
        given = "__added(a,b,u)" if name == "Add" else "__vague(u)"
        look = f"    u=__top(a)\n    if u is None:\n        u={inside}__top(b)\n"
        look += f"    if u is not None:\n        return {given}\n"
        lines.append(f"def __op_{name}(a,b):\n{look}    return a{sign}b\n")
        lines.append(f"def __iop_{name}(a,b):\n{look}    a{sign}=b\n    return a\n")
    for name, sign in _UNARY.items():
        lines.append(f"def __op_{name}(a):\n    u=__top(a)\n    return {sign}a if u is None else __vague(u)\n")
    for found, table in (("__find", _COMPARED), ("__top", _SAME)):
        for name, sign in table.items():
            lines.append(
                f"def __op_{name}(a,b):\n    u={found}(a)\n    if u is None:\n        u={found}(b)\n"
                f"    return a {sign} b if u is None else __vague(u)\n"
            )
    return "".join(lines) + "__op_In=__in\n__op_NotIn=__not_in\n"
