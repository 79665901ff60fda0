"""Ages under 18 however they are told: numerals and words in many languages, years of birth, school years."""

import re
from collections.abc import Iterator
from datetime import date

from studio.domain import policy_numbers as numbers
from studio.domain.policy_text import normalise


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern made plain as texts are; so it must hold no capitals."""
    return re.compile(normalise(text))


DIGITS = r"(?<![\d.:/])(?:0?\d|1[0-7])(?![\d]|[.:]\d)"
"""A number under 18."""

_ENGLISH = numbers.ENGLISH
_HALF = r"(?: and a half| 1 , 2)?"
_TENS = "".join(
    f"(?<!{ten} )" for ten in ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
)
_OLD = r"(?:years?|yrs?|yr|y|year s)(?: of)? ?(?:old|olds|o|age|young)\b"
_YOUNG = (
    r"(?:girls?|boys?|lads?|lass|lassie|laddie|kid|youth|young (?:lady|man|woman|person|fellow)|daughter|son|niece|nephew|"
    r"pupil|student|skater|dancer|gymnast|swimmer|singer|someone|somebody|apprentice)"
)

_ENGLISH_AGES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d )(?:{DIGITS}|{_TENS}\b(?:{_ENGLISH})){_HALF} ?{_OLD}(?! (?:(?!(?:on|in|at|with|by|near|under|beside|riding|driving|holding|and|or)\b)\w+ ){{0,2}}(?:{numbers.THING_AGED})\b)",
        rf"\b(?:aged?|ages|age is|age of|turning|turns|turned|girl of|boy of|kid of) (?:only |just |about |, )?(?:{DIGITS}|(?:{_ENGLISH})\b)(?! (?:months|days|weeks|hours|years in|years|barrel|st|nd|rd|th|minutes|degrees|around|left|right)\b)",
        rf"\b(?:she|he|shes|hes|who|girl|woman|man|person|model)(?: ?is|s|,| looks| looking| who is| appears| seems)? ?(?:only |just |about |barely |like |, ){{0,2}}(?:{DIGITS}|(?:{_ENGLISH}))(?= ?$| ?,| (?:and|years|yrs|wearing|but|or so)\b(?! (?:of|ago|later)\b))(?! , \d)",
        rf"\b(?:looks|looking|look|appears|appearing|acts) (?:like )?(?:she is |hes |shes |a |about |only |just |barely )*(?:{DIGITS}|(?:{_ENGLISH})\b)(?! (?:\w+ )?(?:meters|metres|feet|times|directions?|ways|people|minutes|miles|houses|women|men|steps|stories|photos|pictures|screens|o clock|windows|boats|birds)\b)",
        rf"{DIGITS} ?yo\b|{DIGITS} ?y o\b|\b(?:girl|woman|f|female|boy|male|m) ?{DIGITS} ?(?:yo|y)\b",
        rf"\b{_YOUNG} (?:of|,|is) (?:only |just |about |barely |some )?(?:{DIGITS}|(?:{_ENGLISH})\b)(?= ?$| ?,| (?!of\b|and a\b|time|meter|metre|feet|foot|minute|hour|month|week|day|people|women|men|other|more|o clock|kilo|mile|point|goal|medal)\w)",
        rf"\b(?:woman|man|lady|person|beauty) of (?:only |just |about |barely )?(?:{numbers.ENGLISH_TEENS}|1[0-7])(?= ?$| ?,| (?:summers?|winters?|springs?|years)\b)",
        rf"\b(?:{numbers.ENGLISH_TEENS}|1[0-7]|seven|eight|nine) (?:summers|winters|springs) (?:old|young)\b",
        rf"\b(?:barely|scarcely|hardly|no older than|not older than|not a day over|not a day older than|could be|might be|going on|pass\w* (?:for|as)|mistaken for|taken for|younger than) (?:a |an |only |about |maybe )*(?:[6-9]|1[0-7]|six|seven|eight|nine|{numbers.ENGLISH_TEENS})(?= ?$| ?,| (?:years?|year old|yo|and wearing|in|with|at|on)\b)",
        r"\b(?:birthday|blow\w* out)(?: \w+){0,4} (?:[4-9]|1[0-7]|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen) candles\b",
        r"\bu ?1[0-7]\b(?! (?:boat|submarine|bahn|line|station|train))|\bunder (?:[6-9]|1[0-7])s\b|\bunder 1[0-7] (?:team|squad|player|football\w*|soccer|swimm\w*|gymnast\w*|champion\w*|category|tournament|girls?|boys?)\b",
        r"\b(?:early|mid|middle|late|her|his|their) (?:to (?:mid|late) )?teens\b|\bteen years\b",
    )
)

_BIRTHDAYS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:her|his|their|personas?|\w{{2,}}s(?<!this)) (?:own |big )?(?:{DIGITS} ?(?:st|nd|rd|th)|{numbers.ORDINAL_UNDER_18}) birthday\b",
        rf"\b(?:{numbers.ORDINAL_TEENS}|1[0-7] ?th) birthday(?= ?$| ?,| (?:girl|boy|kid|portrait|party|photo|picture|cake)\b)",
    )
)

_EIGHTEEN = numbers.EIGHTEEN
_YEARS = numbers.YEARS
_NOT_YET = tuple(
    _pattern(pattern)
    for pattern in (
        rf"\b(?:{numbers.NOT})\b(?: (?!{_EIGHTEEN})\w+){{0,4}} (?:{_EIGHTEEN})(?= ?$| ?,| (?:{_YEARS}|yet|until|till|before|birthday|and|standing|sitting|alt|oud)\b)",
        rf"\b(?:{numbers.NOT})\b(?: (?!{numbers.OF_AGE})\w+){{0,3}} (?:{numbers.OF_AGE})\b",
        rf"\b(?:{numbers.BELOW}) (?:{_EIGHTEEN})(?= ?$| ?,| (?:{_YEARS})\b)",
        r"\b(?:shy of|short of|before|until|till|approaching|nearing|close to|nearly|almost|soon|not quite|just under|prior to|from|eve of|verge of|about to turn|about to be|yet to turn|will turn|will be|turns|turning)"
        r"(?: (?:her|his|their|the|she|he|they|turning|reaching|being|becoming|is|age|of|turns|turn|reaches|becomes|be)){0,4} (?:18|eighteen|18 ?th|eighteenth)"
        r"(?= ?$| ?,| (?:birthday|years? old|next|in|this|soon|tomorrow)\b)(?! birthday (?:ago|was))(?! in (?:the|19\d\d|20[01]\d)\b)",
        r"\b(?:before|until|till|when) (?:she|he|they|the girl|the boy) (?:finally )?(?:comes?|is|are|will be|reach\w*) (?:of )?(?:age|adulthood|the age of majority)\b",
        r"\b(?:below|under|before|not at|not reached|short of) (?:the )?(?:legal )?(?:age of (?:consent|majority)|legal age|drinking age|voting age|adulthood)\b",
        r"\b(?:too young|not old enough|isnt old enough|years away from being able) to (?:vote|drive|drink|marry|be served|buy|enter|get a licen[cs]e|have a licen[cs]e|work|legally)\b",
        r"\byears? (?:away )?from (?:being an adult|adulthood|legal|being of age)\b|\bgen(?:eration)? alpha\b",
    )
)

_BORN = _pattern(rf"\b(?:{numbers.BORN})\b(?: ,| (?!20\d\d)\w+){{0,5}} (20\d\d)\b")
_YEAR_BORN = _pattern(rf"\b(20\d\d)(?:er)? (?:{numbers.BORN})\b")

_GRADE = rf"(?:{numbers.GRADES}|(?:[1-9]|1[0-2]) ?(?:st|nd|rd|th))"
_SCHOOLS = (
    r"(?:kindergarten|pre ?school|nursery school|primary school|elementary school|grade school|middle school|secondary school|"
    r"junior high(?: school)?|junior school|infant school|high school|grammar school|prep school|boarding school|comprehensive school)"
)
_CLASSES = r"(?:pupils?|students?|class|classmates?|girls?|boys?|kids?|children|uniform|photo|picture|portrait)"
_UPTO13 = r"(?:[1-9]|1[0-3]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen)"
_SCHOOL = tuple(
    _pattern(pattern)
    for pattern in (
        rf"\b{_SCHOOLS} (?:\w+ )?(?:girls?|boys?|students?|pupils?|kids?|cheerleaders?|seniors?|juniors?|freshm[ae]n|sophomores?|uniforms?|classmates?|"
        rf"sweethearts?|couples?|prom|homecoming|yearbook|class|dropouts?|athletes?|quarterback|bully|crush)\b(?! (?:reunion|teacher|is empty|room))",
        rf"\b(?:pupils?|students?|freshm[ae]n|sophomores?|juniors?|seniors?|girls?|boys?|kids?|still|attends?|attending|enrolled|goes|going|who is|shes|hes|she is|he is|is|starts?|starting|finishing)"
        rf" (?:\w+ )?(?:in |at |to |of |from )?(?:a |an |the |her |his |local |their |same )*{_SCHOOLS}\b(?! (?:teacher|reunion|staff|principal|head|janitor|maths|building|library|counsel))",
        rf"\b{_GRADE} grade(?:rs?)?\b(?! (?:\w+ )?(?:teachers?|teaching|beef|steel|wine|quality|oil|diamonds?|timber|wood|cotton|tea|coffee|gold|silver|papers?|textbooks?|classroom|instructor|wool|marble|leather|fabric|material|burns?))",
        rf"\bgrade (?:[1-9]|1[0-2]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?= ?$| ?,| {_CLASSES}\b)",
        rf"\byear {_UPTO13} (?:\w+ )?{_CLASSES}\b|\b(?:is|shes|hes|girl|boy|pupil|student|still|now) in year {_UPTO13}\b(?! (?:\w+ )?(?:of|at) (?:\w+ )?(?:university|college|medical|law|art|her|his))",
        rf"\bclass (?:[1-9]|1[0-2]) ?[a-f]\b|\b(?:form|class) (?:[1-9]|1[0-2]) {_CLASSES}\b|\b(?:sixth|lower|upper) form(?:ers?)?\b(?! teacher)|\bgcse (?:students?|pupils?|class)\b|\ba level (?:students?|pupils?)\b",
        r"(?<!university )(?<!college )(?<!old )(?<!framed )(?<!faded )\b(?:school|class) (?:pictures?|photos?|photographs?|portraits?)\b(?! (?:\w+ )?(?:on|in|from|of) (?:the|a|an|her|his|19\d\d) ?(?:wall|frame|album|desk|shelf|hand|past)?)",
        r"\b(?:school|primary|secondary) pupils?\b|\bpupils? (?:at|of|from|in) (?:a |an |the |her |his |their |my )*(?:\w+ )?(?:school|class|uniform|blazer|playground|academy)\b",
        r"\b(?:her|his|their|the|a) first day (?:at|of|in) (?:school|kindergarten|nursery|preschool)\b(?! as (?:a )?(?:teacher|head))",
        r"\b(?:still|yet) (?:at|in) school\b|\b(?:quinceanera|bar mitzvah boy|bat mitzvah girl|her bat mitzvah|his bar mitzvah|(?:her|his) first communion)\b",
        numbers.SCHOOL_ABROAD,
    )
)
_VERBS = r"(?:macht|spiel\w*|sitz\w*|steh\w*|lauf\w*|spring\w*|halt\w*|trag\w*|schlagt|hupf\w*|fahr\w*|geht|gehen|lieg\w*|lach\w*|lachel\w*|schau\w*|sieht|ess\w*|isst|schlaf\w*|renn\w*|schwimm\w*|wirft|werfen|klett\w*)"
_BOYS = _pattern(
    rf"\b(?:ein|\w{{2,}}er) junge\b(?! (?:frau|dame|leut|mensch|generat))|\bjunge(?= {_VERBS}\b)|\bjungen(?= ?$| ?,| (?:{_VERBS}|mit|im|am|auf|beim|vor|bei|an|und madchen|aus|werden|treten)\b)|\b(?:kleine|zwei|drei|vier|viele|einige|mehrere) (?:\w+ )?jungen\b(?! (?:frau|dame|mensch|mann|leut))|\b(?:eines|des|einem|dem) jungen (?:in|der|die|fest)\b|\b(?:ihrem|seinem|ihr|sein) kind\b|"
    r"\bein (?:\w+ ){1,5}?\w+es kind\b|\b(?:das|dieses|jedes|dem|einem) kind\b|(?<!\ba )(?<!the )(?<!much )(?<!far )(?<!bit )(?<!be )(?<!no )\bkinder\b(?! (?:gentler|than|egg\w*|surprise|chocolate|bueno|and|to|riegel|world|light|face|eyes|way|tone|time\w*|,))|"
    r"\bgarcons?\b(?! (?:de (?:cafe|salle|course\w*|bureau|restaurant|piste|ferme)|boucher|manque|d ?honneur|coiffeur|vacher|bistro))"
)
"""Words for boys and children that other words of German and French look like: told apart by their neighbours."""
_MINOR = re.compile(
    r"(?<!in )(?<!key of )(?<!with )\ba minor(?= (?:with|at|on|wearing|who|by|sitting|standing|smiling|in (?:a|an|the|her|his))\b| ?,| ?$)"
)

_ABROAD_DIGITS = tuple(
    _pattern(pattern)
    for pattern in (
        rf"{DIGITS} ?(?:jahrig\w*|jaehrig\w*|vuotia\w*|vuotta|letni\w*|lat(?:ek|ka|ki|kow)\b|letet\w*|let[aey][jhm]?\b|arig\w*|aring\w*|jarig\w*|yasinda\w*|yasli\w*|eves\w*|jahren? alt\w*|jahre alt\w*|jaar oud\w*|ar gamm[ae]l\w*|let stara|de edad|anos de edad|anos de idade|χρονων|ετων)(?! (?:{numbers.THING_ABROAD}))",
        rf"\b(?:de|d|di|van|met|con|com|ha|tem|tiene|a|von|mit|avec|heeft|cumple|cumplio|compie|fait|fez) {DIGITS} ?(?:ans|anos|anni|jahren?|jaar|ani)\b(?! (?:{numbers.NO_AGE}))",
        rf"{DIGITS} ?(?:лет|летн\w*|год\w*|рок\w*|річн\w*|годишн\w*|lat)\b(?! (?:назад|temu|спустя|pozniej|опыт\w*|doswiad\w*))",
        rf"\b(?:edad|idade|alter|eta|age|wiek|leeftijd|возраст|alder|ika|vek) ?,? ?{DIGITS}",
    )
)

_AGE_CJK = re.compile(
    r"(?<!\d)(?:0?\d|1[0-7])(?:歳|岁|歲|才(?=の|女|少|·|$)|살|세(?=여|소|아|$|·))|(?<![一二三四五六七八九十])(?:十[一二三四五六七]?|[一二三四五六七八九])(?:歳|岁|歲)|"
    r"(?<![물른흔쉰순든])(?:열(?:한|하나|두|세|네|다섯|여섯|일곱)?|(?<!열)(?:다섯|여섯|일곱|여덟|아홉))살|"
    r"(?<!大学)(?:小学|中学|初中|高中|高校|小學|國中)(?:[一二三四五六1-6])?年|(?<!大学)(?:初|高)[一二三](?:学生|女生|男生|女孩|男孩|的|班)|(?<!大学)(?<!大學)[一二三四五六七八九]年[级級](?:学生|的学|女|男|小)"
)


def age_told(text: str) -> str:
    """The words of a view that tell an age under 18; empty when none do."""
    for pattern in (*_ENGLISH_AGES, *_NOT_YET, *_ABROAD_DIGITS):
        if found := pattern.search(text):
            return found[0].strip(" ,")
    return next(_told(text), "")


def age_told_cjk(cjk: str) -> str:
    """The same in Chinese, Japanese and Korean."""
    found = _AGE_CJK.search(cjk)
    return found[0] if found else ""


def _told(text: str) -> Iterator[str]:
    for pattern in (*_BIRTHDAYS, *numbers.COMPOUNDS, *numbers.PHRASES):
        for found in pattern.finditer(text):
            if not _of_a_thing(text, found):
                yield found[0].strip(" ,")
    for pattern in _SCHOOL:
        for found in pattern.finditer(text):
            if not _taught(text, found):
                yield found[0].strip(" ,")
    for pattern in (_MINOR, _BOYS):
        if young := pattern.search(text):
            yield young[0]
    this_year = date.today().year
    for pattern in (_BORN, _YEAR_BORN):
        for found in pattern.finditer(text):
            if this_year - 18 <= int(found[1]) <= this_year + 1 and not _of_a_thing(text, found):
                yield found[0].strip(" ,")


def _of_a_thing(text: str, found: re.Match[str]) -> bool:
    """Whether whisky, a friendship or a company is that old, or the number is the end of a greater one."""
    before = text[: found.start()].rpartition(",")[2].split()[-2:]
    after = text[found.end() :].partition(",")[0].split()[:2]
    if before and before[-1] in numbers.TENS:
        return True
    return any(numbers.is_thing(word) for word in (*before, *found[0].split(), *after))



def _taught(text: str, found: re.Match[str]) -> bool:
    """Whether a teacher of that school year is meant."""
    around = (*text[: found.start()].split()[-3:], *found[0].split(), *text[found.end() :].split()[:2])
    return any(word.startswith(numbers.TEACHERS) for word in around)
