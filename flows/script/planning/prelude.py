"""What stands in front of a script when it is planned: steps that succeed at once and write down that they were called.

A script runs to its end in one go. It stops early where it uses something unknown, and at a child flow whose result it
uses: it is then run again with that result *given*, and so is one whose step fails or is stopped after all. What it
does is kept as rows, each once for a session, since most elements do the same.
"""

from typing import Final

from flows.script.planning.carrying import UNKNOWN, operators
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
    unknown = UNKNOWN + operators() if unknowns else _WITHOUT_UNKNOWNS
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
        own += [line.split("(")[0][4:] for line in (UNKNOWN + operators()).splitlines() if line.startswith("def ")]
        own += ["__op_In", "__op_NotIn"]
    return [f"{name!r}:{name}" for name in own]
