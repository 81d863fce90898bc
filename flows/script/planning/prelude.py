"""What stands in front of a script when it is planned: steps that succeed at once and write down that they were called.

A script runs to its end in one go. It stops early where it uses something unknown, and at a child flow whose result it
uses: it is then run again with that result *given*, and so is one whose step fails or is stopped after all. What it
does is kept as rows, each once for a session, since most elements do the same.
"""

from typing import Final

from flows.script.planning.signs import UNKNOWN_TEXT
from flows.script.prelude import EXECUTION_WITH_ORDERING

_KEPT: Final = """\
__exec=exec;__repr=repr;__tuple=tuple;__set=set;__frozenset=frozenset;__bool=bool
"""

# `__given`: by ask, counted from 0: ['value', v], ['failed', message], ['stop'], ['wrong', message].
_BOOKS: Final = """\
__table={};__rows=[];__trace=[];__given={};__asked=0;__closed=False;__stopped=False;__verdict=None;__end=None;__plainly=False
def __begin(given):
    global __trace,__given,__asked,__closed,__stopped,__verdict,__end,__plainly
    __trace=[];__given=given;__asked=0;__closed=False;__stopped=False;__verdict=None;__end=None
    __plainly=not given and not __ticks
def __came():
    return [__trace,__end,__verdict]
def __close(end):
    global __closed,__end,__plainly
    if not __closed:
        __closed=True;__end=end;__plainly=False
    raise SystemExit('planned')
def __note(key,row):
    place=__table.get(key)
    if place is None:
        place=__len(__rows);__table[key]=place
        __rows.append(__plain(row))
    __trace.append(place)
def __plain(value):
    if __isinstance(value,__Unknown):
        return None
    if __isinstance(value,__dict):
        return {key: __plain(item) for key,item in value.items()}
    if __isinstance(value,__list):
        return [__plain(item) for item in value]
    if __isinstance(value,__tuple):
        return __tuple([__plain(item) for item in value])
    return value
def __names(value):
    if __isinstance(value,(__list,__tuple)):
        return [__name(item) for item in value]
    return value
def __name(value):
    if __isinstance(value,__dict) and 'name' in value:
        return {'name': value['name']}
    return value
def __decide(verdict):
    global __verdict,__plainly
    __plainly=False
    if __verdict is None and not __stopped and not __closed:
        __verdict=[*verdict,__len(__trace)]
def __uncaught(line,kind,message):
    __decide(['uncaught',kind,message,line])
def __ending(__word,__line,*__a,**__k):
    if __closed:
        raise SystemExit('planned')
    if __find(__a) is not None or __find(__k) is not None:
        __decide([__word,[__mark],{},__line])
    else:
        __decide([__word,__list(__a),__k,__line])
    raise SystemExit('decided')
"""

_STEPS: Final = """\
def __texts(values):
    for value in values.values():
        if not __isinstance(value,__str):
            return False
    return 'element' not in values
def __step(__site,__point,*__a,**__k):
    global __asked,__stopped
    if __plainly and not __point and __site not in __used and __asked<__limit:
        key=(__site,__a,__tuple(__k.items())) if __k else (__site,__a)
        if __len(__a)==1 and __isinstance(__a[0],__str) and __texts(__k):
            __asked+=1
            place=__table.get(key)
            if place is None:
                place=__len(__rows);__table[key]=place
                __rows.append((__site,__a,__k,''))
            __trace.append(place)
            return None
    if __closed:
        raise SystemExit('planned')
    if (__verdict is not None or __stopped) and __site not in __finals:
        raise SystemExit('already decided')
    word=__words[__site];signs=''
    if __point:
        __a,__k,signs=__checked(__site,__point,__a,__k)
    if word=='run_flow' and 'elements' in __k:
        __k={**__k,'elements':__names(__k['elements'])}
    elif word=='run_task' and 'element' in __k:
        __k={**__k,'element':__name(__k['element'])}
    given=__given.get(__asked)
    __asked+=1
    if given is not None and given[0]=='wrong':
        raise TypeError(given[1])
    if __len(__trace)>=__limit:
        __close(['too many',__site])
    row=(__site,__a,__k,signs)
    __note(__repr(row),row)
    if __ticks:
        __tick()
    if given is None:
        if __site not in __used:
            return None
        if word=='run_flow':
            __close(['waits'])
        return __planned(word,__unknowns[__site],__texts_of[__site])
    if given[0]=='value':
        return __of_child(given[1],__unknowns[__site])
    if given[0]=='failed':
        if __site not in __caught:
            __decide(['uncaught','StepFailed',given[1],__lines[__site]])
        raise StepFailed(given[1])
    __stopped=True
    raise SystemExit('stopped')
def __planned(word,unknown,text):
    if word=='run_task':
        known={'ok':True,'status':'succeeded','exit_code':0}
        return {**known,'output':text,'data':unknown,'settings':unknown,'attempts':unknown}
    if word=='approve':
        return {'ok':True,'by':text,'comment':text}
    if word=='get_context':
        return unknown
    return None
def __of_child(value,unknown):
    if not __isinstance(value,__dict):
        return value
    value={**value,'run':unknown}
    if 'messages' in value:
        text=__as_text(unknown)
        value['messages']={name: text if __mark in told else told for name,told in value['messages'].items()}
    return value
def __firm_given(word,a,k,point):
    for key,value in [*k.items(),*[('',item) for item in a]]:
        top=__top(value)
        if top is None or (word in ('log','approve') and key in ('','message') and top.is_text):
            continue
        if word=='set_context' and (key=='value' or (key=='' and value is not a[0])):
            continue
        if word!='run_task' or key in ('timeout','retries'):
            __close(['unknown',point,top.site])
def __checked(site,point,a,k):
    word=__words[site];signs='';is_firm=point<0
    if is_firm:
        point=-point
        __firm_given(word,a,k,point)
    if word in ('run_task','run_flow'):
        __known_in(a,point)
        for key in ('check','element','elements'):
            if key in k:
                __known_in(k[key],point)
        if word=='run_flow':
            __known_in(k,point)
        else:
            k={key: value for key,value in k.items() if key not in ('timeout','retries') or __top(value) is None}
        return a,k,''
    if 'check' in k:
        __known(k['check'],point)
    if word in ('log','approve'):
        if __find(a) is not None or __find(k.get('message')) is not None:
            signs='m';a=('',);k={key: value for key,value in k.items() if key!='message'}
        if __top(k.get('timeout')) is not None:
            k={key: value for key,value in k.items() if key!='timeout'}
    elif word=='sleep' and (__find(a) is not None or __find(k) is not None):
        signs='s';a=(0,);k={}
    elif word=='set_context':
        if (a and __top(a[0]) is not None) or __top(k.get('key')) is not None:
            signs='k';a=('unknown',None);k={}
    return a,k,signs
"""

_UNKNOWN: Final = """\
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


def _operators() -> str:
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


_WITHOUT_UNKNOWNS: Final = """\
class __Unknown:
    pass
def __find(value,depth=0):
    return None
"""

# The script runs by `exec`, so that each element has names of its own; clearing them frees what functions hold on to.
# `__elements_` is the list of all, where the script reads it. A job: [current, element or None, given].
_SHARED: Final = """\
def __one(job,last,inputs,run):
    current,element,given=job
    __begin(given)
    names={**__given_names,'current':current,'first':0,'last':last,'inputs':inputs,'run':run,'__elements':__range(last+1,last+last+2)}
    if __elements_ is not None:
        names['elements']=__elements_;element=__elements_[current]
    names['element']=element
    try:
        __exec(__script,names)
    except SystemExit:
        pass
    except Exception:
        if not __closed and not __stopped and __verdict is None:
            __close_again()
    names.clear()
    return __came()
def __close_again():
    global __closed,__end
    __closed=True;__end=['again']
__done=[]
def __many(jobs,last,inputs,run):
    global __done
    __done=[]
    sent=__len(__rows)
    for job in jobs:
        __done.append(__one(job,last,inputs,run))
    return [__done,__rows[sent:]]
def __rest(sent):
    return [__done,__rows[sent:]]
"""


def alone(unknowns: bool) -> str:
    """In front of a script that has a session of its own."""
    return EXECUTION_WITH_ORDERING + _common(unknowns) + "__begin(__first_given)\nrun={**run,**__unknown_of_run()}\n"


def shared(unknowns: bool) -> str:
    """In front of a session in which the script runs for many elements, one after another."""
    head = EXECUTION_WITH_ORDERING.replace("__elements=__range(last+1,last+last+2)\n", "")
    return head + _common(unknowns) + f"__given_names={{{','.join(_shared_names(unknowns))}}}\n" + _SHARED


def _common(unknowns: bool) -> str:
    unknown = _UNKNOWN + _operators() if unknowns else _WITHOUT_UNKNOWNS
    values = "".join(
        f"{name}={{site: __Unknown(site,{is_text}) for site in __words}}\n" if unknowns else f"{name}={{}}\n"
        for name, is_text in (("__unknowns", False), ("__texts_of", True))
    )
    of_run = "def __unknown_of_run():\n    return {'id':__Unknown(None,False),'started_at':__Unknown(None,True)}\n"
    of_run = of_run if unknowns else "def __unknown_of_run():\n    return {}\n"
    return f"{_KEPT}__mark={UNKNOWN_TEXT!r}\n" + unknown + _BOOKS + _STEPS + values + of_run


def _shared_names(unknowns: bool) -> list[str]:
    own = ["__step", "__ending", "__uncaught", "__isinstance", "__type", "__str", "StepFailed"]
    own += ["order_flow_elements", "filter_flow_elements"]
    if unknowns:
        own += [line.split("(")[0][4:] for line in (_UNKNOWN + _operators()).splitlines() if line.startswith("def ")]
        own += ["__op_In", "__op_NotIn"]
    return [f"{name!r}:{name}" for name in own]
