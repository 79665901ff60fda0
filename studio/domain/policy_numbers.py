"""Numbers under 18, years, "not yet" and school years in many languages, as data for the policy's ages."""

import re

from studio.domain.policy_text import normalise

ENGLISH_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
ENGLISH = f"one|two|three|four|five|six|seven|eight|nine|{ENGLISH_TEENS}"
ORDINAL_TEENS = "tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth"
ORDINAL_UNDER_18 = f"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|{ORDINAL_TEENS})"
GRADES = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"

GERMAN = "zwei|drei|vier|funf|fuenf|sechs|sieben|acht|neun|zehn|elf|zwolf|zwoelf|dreizehn|vierzehn|funfzehn|fuenfzehn|sechzehn|siebzehn"
FRENCH = "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|dix sept"
SPANISH = "dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieciseis|diecisiete"
ITALIAN = "due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|tredici|quattordici|quindici|sedici|diciassette"
PORTUGUESE = "dois|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|treze|quatorze|catorze|quinze|dezesseis|dezasseis|dezessete|dezassete"
DUTCH = "twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|dertien|veertien|vijftien|zestien|zeventien"
NORDIC = (
    "tva|to|tre|fyra|fire|fem|sex|seks|sju|syv|atta|atte|otte|nio|ni|tio|ti|elva|elleve|tolv|tretton|tretten|fjorton|fjorten|"
    "femton|femten|sexton|seksten|sjutton|sytten"
)
FINNISH = (
    "kaksi|kolme|nelja|viisi|kuusi|seitseman|kahdeksan|yhdeksan|kymmenen|kymmen|"
    "(?:yksi|kaksi|kolme|nelja|viisi|kuusi|seitseman)toista"
)
POLISH = (
    "trzy|cztery|piec|szesc|siedem|osiem|dziewiec|dziesiec|jedenascie|dwanascie|trzynascie|czternascie|pietnascie|szesnascie|"
    "siedemnascie|pieciu|szesciu|siedmiu|osmiu|dziewieciu|dziesieciu|jedenastu|dwunastu|trzynastu|czternastu|pietnastu|"
    "szesnastu|siedemnastu"
)
RUSSIAN = (
    "три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|двенадцать|тринадцать|четырнадцать|пятнадцать|шестнадцать|"
    "семнадцать|пяти|шести|семи|восьми|девяти|десяти|одиннадцати|двенадцати|тринадцати|четырнадцати|пятнадцати|шестнадцати|семнадцати"
)
ROMANIAN = "trei|patru|cinci|sase|sapte|opt|noua|zece|unsprezece|doisprezece|treisprezece|paisprezece|cincisprezece|saisprezece|saptesprezece"
HUNGARIAN = "harom|negy|ot|hat|het|nyolc|kilenc|tiz|tizenegy|tizenket|tizenharom|tizennegy|tizenot|tizenhat|tizenhet"
TURKISH = "on bir|on iki|on uc|on dort|on bes|on alti|on yedi|iki|uc|dort|bes|alti|yedi|sekiz|dokuz|on"
GREEK = "πεντε|εξι|επτα|εφτα|οκτω|οχτω|εννεα|εννια|δεκα|εντεκα|δωδεκα|δεκατριων|δεκατεσσαρων|δεκαπεντε|δεκαεξι|δεκαεπτα|δεκαεφτα"

EIGHTEEN = (
    "18|eighteen|achtzehn|dix huit|dieciocho|diciotto|dezoito|achttien|osiemnascie|osiemnastu|kahdeksantoista|"
    "kahdeksaatoista|arton|atten|восемнадцат\\w*|вісімнадцят\\w*|on sekiz|osmnact|tizennyolc|optsprezece"
)
YEARS = "years?|ans|anos|anni|jahren?|jaar|lat|let|лет|рокiв|ar|ani|vuotta|vuotias|yas\\w*|eves"
NOT = (
    "not|hasnt|havent|isnt|wont|wasnt|nicht|noch keine?|pas|aun no|todavia no|no ha|no tiene|no cumplio|non ha|non ancora|"
    "ancora non|nao|nog geen|nog niet|nie|ei|eivat|inte|ikke|не|henuz|nema|nem|inca nu|ще не|sin cumplir|yet to"
)
OF_AGE = (
    "of (?:legal |full |voting |drinking )?age|an adult(?: yet)?|a grown ?up|fully grown|legally an adult|volljahrig\\w*|volljaehrig\\w*|majeure?s?|"
    "mayor(?:es)? de edad|maggiorenn[ei]|maior(?:es)? de idade|meerderjarig\\w*|pelnoletni\\w*|taysi ?ikai\\w*|myndige?|"
    "совершеннолетн\\w*|повнолітн\\w*|resit|plnolet\\w*|zletil\\w*|nagykoru|erwachsen|volwassen|adulta?|dorosl[ay]"
)
BELOW = (
    "unter|moins de|menor(?:es)? de|menos de|meno di|minori? di|sotto i|onder de|ponizej|alle|mladsi nez|until|bevor|antes de los|avant ses|"
    "prima dei|vor seinem|vor ihrem|младше|до|jonger dan|junger als|yngre an|yngre end|mas joven que"
)
BORN = (
    "born|birth|dob|birthdate|birthday|geboren\\w*|geburtsjahr|geburtsdatum|jahrgang|naissance|nacid[oa]s?|nacio|nacimiento|(?<!della )(?<!la )nat[oa] nel|nata il|"
    "nascid[oa]|nascimento|nee en|ne en|nee le|ne le|urodzon\\w*|rocznik|syntyn\\w*|fodd|fodt|родил\\w*|рожден\\w*|dogumlu|dogdu|narozen\\w*|szuletett|nascut\\w*"
)

NO_AGE = (
    "de distance|d ?ecart|d ?intervalle|d ?exp\\w*|de exp\\w*|di esp\\w*|de mari\\w*|de matri\\w*|di matri\\w*|de garan\\w*|di garan\\w*|d ?ami\\w*|de amis\\w*|de amiz\\w*|di ami\\w*|de cas\\w*|de carr\\w*|de metier|de servi\\w*|"
    "di serv\\w*|erfahrung|berufserf\\w*|ehe|garantie|spater|zuvor|ervaring|later|geleden|getrouwd|plus|apres|ensemble|"
    "despues|atras|mas tarde|juntos|juntas|depois|dopo|fa|insieme|de trab\\w*|di lavoro|de travail|de vida|de profesion|di carriera"
)
THING_ABROAD = "whisk|wein|wijn|vin|hund|jubil|garant|auto|besteh|ehe|krieg|tradit|erfahr|ervar|doswiad|kokem"
THING_AGED = (
    "whisky|whiskey|scotch|bourbon|rum|wine|cognac|brandy|port|sherry|cheese|cheddar|gouda|parmesan|tequila|malt|balsamic|car|cars|volvo|truck|van|bike|bicycle|motorcycle|house|building|tree|oak|pine|"
    "olive tree|bonsai|apple tree|dog|labrador|retriever|poodle|beagle|puppy|cat|horse|mare|stallion|pony|parrot|tortoise|company|startup|laptop|computer|phone|camera|guitar|sofa|boots|jacket|coat|jeans|pair|"
    "bridge|tradition|friendship|marriage|anniversary|wedding|band|brand|magazine|festival|war|vintage|tradition|carpet|rug|vinegar|roof|boat|yacht|train|tram|bus|tractor|plant|cactus|fern|sourdough|starter|leather|backpack|piano|ale|blend|macallan|glenfiddich|calvados|"
    "table|chair|desk|bench|cabinet|sweater|dress|hat|shoes|watch|clock|violin|cello|fence|barn|cottage|hotel|shop|bakery|restaurant|cafe|garden|hedge|orchard|vineyard|newspaper|book|map|painting|recipe|suit|scar|tattoo"
)
_THING_WORDS = """
whisk rum cognac konjak vin wein wijn wino vino vinho ron fromag ques kase kaas juusto ost ser hund chien
perr cane cao koira pies hond собак kat chat gat kot kissa кошк hors cheval caball pferd paard kon hevonen
auto voitur coch carro macchin bilar машин samochod haus maison cas hus dom дом talo huis immeuble edific
bau baum arbr arbol alber drzew puu jubil garant besteh ehe mariag matri malzen avioliit aktenskap
freundschaft amitie lamitie amistad amicizi unamicizi lamicizi amizade przyjazn ystavyy vriend дружб erfahr
exper esper ervar doswiad kokemu erfaren опыт krieg guerr wojn sota tradit tradyc perint geschicht histor
firm compan empres azienda yrity company startup brand band festival studi ausbild vertrag contrat plan umow
nach seit vor depuis desde после около более больше через за kontrakt avtal karrier carrier carrer anniver
rocznic arsdag hochzeit bridge museum hotel restaurant shop house club league peace frieden town cities city
countr magazine studio school bank librar zoo
"""
THINGS = tuple(normalise(stem) for stem in _THING_WORDS.split())
"""Beginnings of words for what else has years; and of "for", "since", "after" in front of them."""


def is_thing(word: str) -> bool:
    """Whether a word is one of `THINGS`; a short beginning takes one letter more at most, as names begin like it."""
    return any(word.startswith(stem) and (len(stem) > 4 or len(word) <= len(stem) + 1) for stem in THINGS)


_TENS_WORDS = """
двадцати тридцати сорока пятидесяти шестидесяти семидесяти восьмидесяти девяноста двадцать тридцать сорок
пятьдесят шестьдесят семьдесят восемьдесят девяносто yirmi otuz kirk elli altmis yetmis seksen doksan yuz
dwadziescia trzydziesci czterdziesci piecdziesiat szescdziesiat siedemdziesiat osiemdziesiat
dziewiecdziesiat vingt trente quarante cinquante soixante treinta cuarenta cincuenta sesenta setenta ochenta
noventa douazeci treizeci patruzeci huszon harminc negyven otven hatvan hetven nyolcvan kilencven zwanzig
vinte trinta quarenta cinquenta sessenta oitenta tjugo trettio fyrtio femtio sextio sjuttio attio nittio
twenty thirty forty fifty sixty seventy eighty ninety hundred on εικοσι τριαντα σαραντα πενηντα εξηντα
"""
TENS = frozenset(normalise(word) for word in _TENS_WORDS.split())
TEACHERS = ("teach", "taught", "lehr", "instructor", "principal", "headm", "professor", "janitor", "reunion", "caretaker", "insegn", "maestr", "profes", "enseign", "instit", "leraar", "lerares", "nauczyc", "opetta", "docent", "juf", "учител")  # fmt: skip


def _plain(pattern: str) -> re.Pattern[str]:
    return re.compile(normalise(pattern))


COMPOUNDS = tuple(
    _plain(rf"\b(?:{pattern})")
    for pattern in (
        rf"(?:{GERMAN}) ?j(?:a|ae)hrig\w*",
        rf"(?:{DUTCH}) ?jarig\w*",
        rf"(?:{NORDIC}) ?ar(?:ig|ing)\w*",
        rf"(?:{FINNISH}) ?vuotia\w*",
        r"(?:dwu|trzy|cztero|piecio|szescio|siedmio|osmio|dziewiecio|dziesiecio|jedenasto|dwunasto|trzynasto|czternasto|pietnasto|szesnasto|siedemnasto) ?(?:letni\w*|lat(?:ek|ka|ki|kow|ke)\w*)",
        r"(?:двух|трех|четырех|пяти|шести|семи|восьми|девяти|десяти|одиннадцати|двенадцати|тринадцати|четырнадцати|пятнадцати|шестнадцати|семнадцати) ?(?:летн|летк|класс?ни)\w*",
        r"(?:дво|три|чотири|пяти|шести|семи|восьми|девяти|десяти|одинадцяти|дванадцяти|тринадцяти|чотирнадцяти|пятнадцяти|шістнадцяти|сімнадцяти) ?(?:річн)\w*",
        r"(?:dvou|tri|ctyr|peti|sesti|sedmi|osmi|deviti|deseti|jedenacti|dvanacti|trinacti|ctrnacti|patnacti|sestnacti|sedmnacti) ?let(?:[yaei]|eho|emu|ych|ou)\b",
        r"(?:dec|undic|dodic|tredic|quattordic|quindic|sedic|diciassett)enn[ei]\b",
        rf"(?:{HUNGARIAN}) ?eves\w*|tizeneves\w*",
        rf"(?:{TURKISH}) ?yas(?:inda|li|indaki|ina)\w*",
        rf"(?:{GREEK}) (?:χρονων|χρονος|ετων)",
    )
)

PHRASES = tuple(
    _plain(rf"\b(?:{pattern})")
    for pattern in (
        rf"(?:{GERMAN}) jahre? (?:alt|jung)\w*|(?:von|mit|im alter von|alter|erst|ist|wird) (?:gerade |erst |nur )*(?:{GERMAN}) jahren?\b(?! (?:{NO_AGE}))",
        rf"(?:madchen|maedchen|junge|tochter|sohn|bursche|schulerin|person|frau|mann) (?:von|mit|, erst|, gerade) (?:{GERMAN})\b(?= ?$| ?,| (?:im|am|auf|in|mit|vor|bei|an|und)\b)",
        rf"(?:sie|er) (?:ist|wird|war) (?:erst |gerade |gerade mal |nur |noch )*(?:{GERMAN}|[4-9]|1[0-7])\b(?= ?$| ?,| (?:und|jahre)\b)|erst (?:{GERMAN}|1[0-7])\b(?= ?$| ?,| (?:und|jahre|geworden)\b)",
        rf"(?:de|d|a|age de|agee? de|avait|ayant|a peine|ses|tout juste|, ) ?(?:a peine |seulement |environ |tout juste )*(?:{FRENCH}) ans\b(?! (?:{NO_AGE}))",
        rf"(?:de|tiene|cumple|cumplio|con|a los|sus|unos|los|tenia|apenas|solo|,) (?:solo |apenas |unos |tan solo )*(?:{SPANISH}) anos\b(?! (?:{NO_AGE}))|(?:{SPANISH}) anit?os\b(?= de edad|$)",
        rf"(?:di|a|ha|compie|con|suoi|sui|circa|appena|solo|aveva|,) (?:solo |appena |soli |circa )*(?:{ITALIAN}) anni\b(?! (?:{NO_AGE}))",
        rf"(?:de|tem|com|fez|faz|aos|seus|uns|tinha|apenas|so|,) (?:so |apenas |uns )*(?:{PORTUGUESE}) an(?:os|inhos)\b(?! (?:{NO_AGE}))",
        rf"(?:{DUTCH}) jaar (?:oud|jong)\w*|(?:van|met|is|wordt|pas|ongeveer|nog maar) (?:pas |nog maar )?(?:{DUTCH}) jaar\b(?! (?:{NO_AGE}))",
        rf"(?:meisjes?|jongens?|jongetje|dochter|zoon|kind|scholier|leerling|persoon|vrouw|man|knul|dame) van (?:pas |nog maar |amper |net )?(?:{DUTCH}|[2-9]|1[0-7])\b(?= ?$| ?,| (?!uur|stuks|meter|de)\w)|(?:ze|zij|hij) is (?:pas |nog maar |amper |net )?(?:{DUTCH}|[4-9]|1[0-7])\b(?= ?$| ?,| (?:en|jaar)\b)",
        rf"(?:{NORDIC}) ar (?:gamm?[ae]l\w*|gamla|gamle|ung)|(?:pojke|pojken|flicka|flickan|gutt|gutten|dreng|pige|jente|barn|person|tjej|kille|kvinna|kvinde|kvinne|elev|datter|dotter|son|sonn) pa (?:bara |kun )?(?:{NORDIC}|[2-9]|1[0-7])(?: ar)?\b(?= ?$| ?,| (?!tusen)\w)|(?:hon|han|hun) ar (?:bara |kun )?(?:{NORDIC}|1[0-7])\b(?= ?$| ?,| ar\b)",
        rf"(?:{FINNISH}) (?:vuotta vanha|vuoden ikai)\w*|(?:vasta|vain|taytta\w*|taytti|,) (?:{FINNISH}) ?(?:vuotta|vuotias)?\b(?= ?$| ?,)",
        rf"(?:ma|w wieku|majac\w*|miala?|skonczy\w*|konczy|dopiero|zaledwie|lat|ledwie|,) (?:dopiero |zaledwie |tylko |okolo )*(?:{POLISH}) lata?\b(?! (?:temu|pozniej|doswiad\w*|pracy))",
        rf"(?:{RUSSIAN}) лет\b(?! (?:назад|спустя|опыт\w*|брака|вместе|дружб\w*))|(?:ей|ему|исполнилось|всего) (?:{RUSSIAN})\b(?= ?$| ?,| лет)",
        rf"(?:de|are|cu|avea|,) (?:{ROMANIAN}) ani\b(?! (?:{NO_AGE}|de exp))",
    )
)

_GERMAN_CLASS = "erst|zweit|dritt|viert|funft|sechst|siebt|siebent|acht|neunt|zehnt|elft|zwolft"
_FRENCH_CLASS = "cp|ce1|ce2|cm1|cm2|sixieme|cinquieme|quatrieme|troisieme|seconde|premiere|terminale|primaire|maternelle|college|lycee|elementaire"
_SPANISH_CLASS = "primaria|secundaria|preescolar|preparatoria|bachillerato|instituto|colegio|infantil|la eso|eso|parvulos|kinder|escuela primaria|escuela secundaria"
_ITALIAN_CLASS = "medie|elementari|media|elementare|liceo|superiori|asilo|materna|prima media|seconda media|terza media|scuola media|scuola elementare|scuola superiore|scuola materna|scuola primaria"
_PORTUGUESE_CLASS = "primaria|secundaria|ensino medio|ensino fundamental|ensino basico|ensino secundario|escola primaria|escola basica|escola secundaria|pre escola|colegio|jardim de infancia|creche"
SCHOOL_ABROAD = (
    rf"\b(?:(?:{_GERMAN_CLASS})klass?ler\w*|(?:schuler|schueler|klassenfoto|kinder|madchen|junge)\w* (?:der|in der|einer|aus der) (?:(?:{_GERMAN_CLASS})en|\d+ ?,?) klasse|"
    rf"in (?:der|die) (?:(?:{_GERMAN_CLASS})en?|\d+ ?,?) klasse|klassenfoto der|(?:grund|haupt|real|mittel|gesamt|vor|berufs)sch(?:u|ue)ler\w*|gymnasiast\w*|"
    rf"(?:eleves?|classe|photo de classe|etudiante?s?|fille|garcon) (?:de|en|du|au) (?:la )?(?:{_FRENCH_CLASS})|photo de classe|"
    rf"(?:alumn[oa]s?|estudiantes?|chic[oa]s?|clase) (?:de|del|de la|en) (?:\w+ de )?(?:{_SPANISH_CLASS})|foto escolar|"
    rf"(?:alunn[oaie]|student\w*|ragazz[oaie]|classe) (?:di|del|delle|dell|della|alle|dei) (?:\w+ )?(?:{_ITALIAN_CLASS})|liceal[ei]|foto di classe|"
    rf"(?:alun[oa]s?|estudantes?|turma) (?:de|do|da|no|na) (?:\w+ ano d[oa] )?(?:{_PORTUGUESE_CLASS})|"
    rf"scholier\w*|basisscholier\w*|brugklas\w*|leerlingen? (?:van|uit) (?:de|groep|het)|groep (?:[1-8]) (?:van|leerling\w*)|"
    rf"licealist\w*|gimnazjalist\w*|ucze[nm]|ucznia|uczniow\w*|uczennic\w*|"
    rf"koululai\w*|lukiolai\w*|ylaastelai\w*|alaastelai\w*|ylakoululai\w*|alakoululai\w*|eskarilai\w*|(?:[1-9]|ensimmais|kolmas|neljas|viides|kuudes|seitsemas|kahdeksas|yhdeksas)luokkalai\w*|"
    rf"(?:hogstadie|mellanstadie|lagstadie|gymnasie)elev\w*|skolelev\w*|skoleelev\w*|elev i (?:arskurs|klass|\d+)|"
    rf"(?:lise|ortaokul|ilkokul) (?:ogrenci|ogrencisi|kiz|cocu)\w*|(?:liceal|iskolas|diaklany|gimnazist\w*)\b|zak(?:yne)? (?:zakladni|\d)|skolak\w*|"
    rf"(?:перво|второ|третье|пяти|шести|семи|восьми|девяти|десяти|одиннадцати)классни\w*|гимназист\w*|лицеист\w*)\b"
)
